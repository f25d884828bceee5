package io.dormouse.udp;

import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** Whom a socket is to be connected to. */
sealed interface Peer {
  /** Said when the connection was registered. */
  record Known(InetSocketAddress address) implements Peer {}

  /** Asked of the app for each attempt, off the loop, since its code may block. */
  record Asked(Supplier<InetSocketAddress> supplier) implements Peer {}
}
