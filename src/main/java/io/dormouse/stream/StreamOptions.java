package io.dormouse.stream;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a socket is set up.
 *
 * @param localAddress what to bind to; empty for the system's choice
 * @param noDelay {@code TCP_NODELAY}
 * @param keepAlive {@code SO_KEEPALIVE}
 * @param sendBuffer {@code SO_SNDBUF} in bytes; empty for the system's choice
 * @param receiveBuffer {@code SO_RCVBUF} in bytes; empty for the system's choice
 * @param linger how long the goodbye waits for the peer's; zero resets instead, empty waits as long
 *     as the budget allows
 * @param idleTimeout how long nothing may be received; empty for any time
 */
public record StreamOptions(
    Optional<InetSocketAddress> localAddress,
    boolean noDelay,
    boolean keepAlive,
    OptionalInt sendBuffer,
    OptionalInt receiveBuffer,
    Optional<Duration> linger,
    Optional<Duration> idleTimeout) {
  /** Returns the options that hold if nothing is said. */
  public static StreamOptions standard() {
    return new StreamOptions(
        Optional.empty(),
        true,
        false,
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
