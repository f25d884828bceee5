package io.dormouse.connection;

/**
 * Hears of every step of a connection, complete and in order, on the callback executor. Calls for
 * one connection never overlap each other or its other callbacks; none comes after the step to
 * {@link ConnectionState#CLOSED}. A listener that throws is logged and hears of the next step as
 * usual.
 */
@FunctionalInterface
public interface ConnectionListener {
  /**
   * The connection took a step. {@link Connection#state()} may be further already.
   *
   * @param connection which
   * @param change the step
   */
  void onStateChange(Connection connection, StateChange change);
}
