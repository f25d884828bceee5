package io.dormouse.stream;

import io.dormouse.engine.Outgoing;
import io.dormouse.engine.Shortcut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a worker's messages to a stream's socket while the worker has the {@link Lane}.
 *
 * @param <T> what is sent
 */
final class LaneShortcut<T> implements Shortcut<T> {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Stream stream;
  private final Lane lane;
  private final SocketChannel channel;
  private final Function<T, ByteBuffer> encoder;

  LaneShortcut(Stream stream, Lane lane, SocketChannel channel, Function<T, ByteBuffer> encoder) {
    this.stream = stream;
    this.lane = lane;
    this.channel = channel;
    this.encoder = encoder;
  }

  @Override
  public boolean enter() {
    return lane.take();
  }

  @Override
  public ByteBuffer encode(T payload) {
    return encoder.apply(payload);
  }

  @Override
  public void write(ByteBuffer bytes) {
    try {
      int unused = channel.write(bytes);
    } catch (IOException e) {
      log.debug("a send met the end of its socket first", e);
    }
  }

  @Override
  public void leave() {
    if (!lane.giveBack()) {
      stream.laneReturnedSoon();
    }
  }

  @Override
  public void handOver(Outgoing<T> message, ByteBuffer rest) {
    stream.takeOver(message, rest);
  }
}
