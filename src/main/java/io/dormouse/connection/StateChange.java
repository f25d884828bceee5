package io.dormouse.connection;

import java.util.Optional;

/** One step of a connection from a state to the next. Only the library makes these. */
public interface StateChange {
  /** {@return the state before} */
  ConnectionState from();

  /** {@return the state after; one of {@code from().next()}} */
  ConnectionState to();

  /**
   * {@return which generation of the connection this belongs to: how many connect attempts there
   * have been}
   */
  long generation();

  /**
   * {@return why the generation ended, if it ended with this step, or is about to, if the step is
   * to {@link ConnectionState#DRAINING}}
   */
  Optional<CloseReason> reason();

  /**
   * {@return why the generation ended with this step; empty if it goes on, or is only about to end}
   *
   * <p>What the app has asked for on its socket is not answered any more then.
   */
  default Optional<CloseReason> ended() {
    return to() == ConnectionState.DRAINING ? Optional.empty() : reason();
  }
}
