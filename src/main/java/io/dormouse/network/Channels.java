package io.dormouse.network;

import java.io.IOException;
import java.nio.channels.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closing of channels that nothing more is expected of. */
public final class Channels {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private Channels() {}

  /**
   * Closes a channel; what goes wrong in that is logged, since nobody could do anything about it.
   */
  public static void close(String connectionName, Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.warn("{}: a socket did not close", connectionName, e);
    }
  }
}
