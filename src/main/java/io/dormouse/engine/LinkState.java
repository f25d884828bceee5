package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;

/**
 * The state of one connection with all that belongs to it. {@link ConnectionState} is the part of
 * it that the app sees.
 */
sealed interface LinkState {
  /** Where the connection is to end up. */
  enum Target {
    SUSPENDED,
    OPEN,
    CLOSED
  }

  /** The one timer that a state may have. */
  enum Limit {
    NONE,
    BACKOFF,
    CONNECT,
    PREPARE,
    BUDGET
  }

  /** What the app sees. */
  ConnectionState state();

  /** Where it is to end up as things stand. */
  Target target();

  /** What limits the time in this state. */
  default Limit limit() {
    return Limit.NONE;
  }

  /** The failures in a row up to now. */
  default FailureHistory history() {
    return FailureHistory.NONE;
  }

  /** How many generations in a row have ended early. */
  default int failures() {
    return history().failures();
  }

  /** Whether a generation is alive, with a wire that may hold a socket. */
  default boolean hasWire() {
    return state().mayHoldSocket();
  }

  /** Those that are to end up open. */
  sealed interface TowardsOpen extends LinkState {
    @Override
    default Target target() {
      return Target.OPEN;
    }
  }

  /** Not wanted, and holds no socket. */
  record Suspended() implements LinkState {
    @Override
    public ConnectionState state() {
      return ConnectionState.SUSPENDED;
    }

    @Override
    public Target target() {
      return Target.SUSPENDED;
    }
  }

  /** Waiting for a permit to connect. */
  record Queued(FailureHistory history) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.WAITING;
    }
  }

  /** In backoff. */
  record Waiting(FailureHistory history, long delayNanos, CloseReason why) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.WAITING;
    }

    @Override
    public Limit limit() {
      return Limit.BACKOFF;
    }
  }

  /** A wire is connecting. */
  record Connecting(FailureHistory history) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.CONNECTING;
    }

    @Override
    public Limit limit() {
      return Limit.CONNECT;
    }
  }

  /** The app's own preparation runs. */
  record Preparing(FailureHistory history) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.PREPARING;
    }

    @Override
    public Limit limit() {
      return Limit.PREPARE;
    }
  }

  /** In use since a time of the loop's clock. */
  record Open(FailureHistory history, long sinceNanos) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.OPEN;
    }
  }

  /** Leaving, and what was accepted is being flushed. Until this is over it can still turn back. */
  record Flushing(Target target, CloseReason reason, long deadlineNanos, Open before)
      implements LinkState {
    public Flushing {
      if (target == Target.OPEN) {
        throw new IllegalArgumentException("a connection that is to be open does not leave");
      }
    }

    @Override
    public ConnectionState state() {
      return ConnectionState.DRAINING;
    }

    @Override
    public Limit limit() {
      return Limit.BUDGET;
    }

    @Override
    public FailureHistory history() {
      return before.history();
    }
  }

  /**
   * Leaving, and the close handshake has begun. There is no way back but through a new generation.
   * What the peer does not answer by the deadline is reset.
   */
  record Closing(Target target, CloseReason reason, long deadlineNanos) implements LinkState {
    @Override
    public ConnectionState state() {
      return ConnectionState.DRAINING;
    }

    @Override
    public Limit limit() {
      return Limit.BUDGET;
    }
  }

  /** Given up until somebody asks again. */
  record Failed(FailureHistory history, CloseReason why) implements TowardsOpen {
    @Override
    public ConnectionState state() {
      return ConnectionState.FAILED;
    }
  }

  /** The end. */
  record Closed() implements LinkState {
    @Override
    public ConnectionState state() {
      return ConnectionState.CLOSED;
    }

    @Override
    public Target target() {
      return Target.CLOSED;
    }
  }
}
