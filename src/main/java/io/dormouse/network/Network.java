package io.dormouse.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;

/**
 * What the library needs of the system beside the {@link io.dormouse.loop.Loop}, whose clock is the
 * one for delays. {@link #system()} is the real one.
 */
public interface Network {
  /**
   * Makes a transport that is not connected yet. Loop only; never blocks.
   *
   * @throws NoRoomException if the system has no more sockets or memory
   * @throws IOException if it can't be set up like this
   */
  Transport openStream(TransportOptions options) throws IOException;

  /**
   * Looks a host's addresses up, in order of preference; at least one. Blocks, possibly for long,
   * so never on the loop.
   *
   * @throws UnknownHostException if it has none, or the name server does not say
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /** Returns the time of day, which may jump. Any thread. */
  Instant now();

  /** Returns a random number from 0 inclusive to 1 exclusive, for jitter. Any thread. */
  double random();

  /** Returns the network of the system that this runs on. */
  static Network system() {
    return SystemNetwork.INSTANCE;
  }
}
