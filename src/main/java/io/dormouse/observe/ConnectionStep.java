package io.dormouse.observe;

import io.dormouse.connection.Connection;
import io.dormouse.connection.StateChange;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One step of one connection, as an observer hears it. Only the library makes these. Its {@code
 * toString()} is for a log: the connection's name, the states, the address, and why.
 */
public interface ConnectionStep {
  /** {@return the connection} It may be further already. */
  Connection connection();

  /** {@return the step, as a listener of the connection hears it} */
  StateChange change();

  /**
   * {@return where its latest generation connects to, or has connected to; empty if that is not
   * known, or not yet}
   */
  Optional<InetSocketAddress> address();

  /**
   * Returns when it took the step, by the registry's clock.
   *
   * @return nanoseconds; only the difference to another step of the same registry says something
   */
  long nanos();

  /**
   * {@return payload bytes received from the connection's registration until this step, as {@code
   * ConnectionSnapshot.bytesIn()} counts them}
   */
  long bytesIn();

  /**
   * {@return payload bytes sent from the connection's registration until this step, as {@code
   * ConnectionSnapshot.bytesOut()} counts them}
   */
  long bytesOut();
}
