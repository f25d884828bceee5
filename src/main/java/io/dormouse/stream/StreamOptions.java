package io.dormouse.stream;

import io.dormouse.network.TransportOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * How a stream behaves.
 *
 * @param transport how its socket is set up
 * @param linger how long closing waits for the peer's FIN; zero resets instead, empty waits as long
 *     as the budget allows
 * @param idleTimeout how long nothing may be received; empty for any time
 */
public record StreamOptions(
    TransportOptions transport, Optional<Duration> linger, Optional<Duration> idleTimeout) {
  /** Returns the options that hold if nothing is said. */
  public static StreamOptions standard() {
    return new StreamOptions(TransportOptions.standard(), Optional.empty(), Optional.empty());
  }
}
