package io.dormouse.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.SocketFactory;

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
   * Makes a socket for datagrams. Loop only; never blocks.
   *
   * @param family the one protocol that it speaks; empty for what the system has
   * @throws NoRoomException if the system has no more sockets or memory
   * @throws UnsupportedOperationException if the system lacks the family
   */
  DatagramTransport openDatagrams(Optional<ProtocolFamily> family) throws IOException;

  /**
   * Returns the network interfaces that there are now, with the parts of each after it. May take a
   * while, so not on the loop.
   */
  List<LocalInterface> interfaces() throws SocketException;

  /**
   * Returns whether an address is one of this system's own, so that sockets can be bound to it.
   * Never blocks.
   */
  boolean hasAddress(InetAddress address);

  /**
   * Looks a host's addresses up, in order of preference; at least one. Blocks, possibly for long,
   * so never on the loop.
   *
   * @throws UnknownHostException if it has none, or the name server does not say
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /**
   * Returns why HTTP can't use sockets that are not this network's own; empty if it can. Any
   * thread.
   *
   * @param sockets what the client makes them by
   */
  default Optional<String> problemOf(SocketFactory sockets) {
    return Optional.empty();
  }

  /** Returns the time of day, which may jump. Any thread. */
  Instant now();

  /** Returns a random number from 0 inclusive to 1 exclusive, for jitter. Any thread. */
  double random();

  /** Returns the network of the system that this runs on. */
  static Network system() {
    return SystemNetwork.INSTANCE;
  }
}
