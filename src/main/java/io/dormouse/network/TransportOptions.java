package io.dormouse.network;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a stream's socket is set up.
 *
 * @param localAddress what to bind to; empty for the system's choice
 * @param noDelay {@code TCP_NODELAY}
 * @param keepAlive {@code SO_KEEPALIVE}
 * @param sendBuffer {@code SO_SNDBUF} in bytes; empty for the system's choice
 * @param receiveBuffer {@code SO_RCVBUF} in bytes; empty for the system's choice
 */
public record TransportOptions(
    Optional<InetSocketAddress> localAddress,
    boolean noDelay,
    boolean keepAlive,
    OptionalInt sendBuffer,
    OptionalInt receiveBuffer) {
  /** Returns the options that hold if nothing is said. */
  public static TransportOptions standard() {
    return new TransportOptions(
        Optional.empty(), true, false, OptionalInt.empty(), OptionalInt.empty());
  }
}
