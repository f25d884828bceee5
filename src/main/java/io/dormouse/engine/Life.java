package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;

/**
 * The state of one connection with all that belongs to it. {@link ConnectionState} is the part of
 * it that the app sees.
 */
sealed interface Life {
  /** Where the connection is to end up. */
  enum Goal {
    ASLEEP,
    AWAKE,
    GONE
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
  Goal goal();

  /** What limits the time in this state. */
  default Limit limit() {
    return Limit.NONE;
  }

  /** The failures in a row up to now. */
  default Setbacks setbacks() {
    return Setbacks.NONE;
  }

  /** How many generations in a row have ended early. */
  default int failures() {
    return setbacks().failures();
  }

  /** Whether a generation is alive, with a wire that may hold a socket. */
  default boolean hasWire() {
    return state().mayHoldSocket();
  }

  /** Those that are to end up awake. */
  sealed interface Awake extends Life {
    @Override
    default Goal goal() {
      return Goal.AWAKE;
    }
  }

  /** Asleep. */
  record Suspended() implements Life {
    @Override
    public ConnectionState state() {
      return ConnectionState.SUSPENDED;
    }

    @Override
    public Goal goal() {
      return Goal.ASLEEP;
    }
  }

  /** Waiting for a permit to connect. */
  record Queued(Setbacks setbacks) implements Awake {
    @Override
    public ConnectionState state() {
      return ConnectionState.WAITING;
    }
  }

  /** In backoff. */
  record Waiting(Setbacks setbacks, long delayNanos, CloseReason why) implements Awake {
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
  record Connecting(Setbacks setbacks) implements Awake {
    @Override
    public ConnectionState state() {
      return ConnectionState.CONNECTING;
    }

    @Override
    public Limit limit() {
      return Limit.CONNECT;
    }
  }

  /** The app's own opening runs. */
  record Preparing(Setbacks setbacks) implements Awake {
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
  record Open(Setbacks setbacks, long sinceNanos) implements Awake {
    @Override
    public ConnectionState state() {
      return ConnectionState.OPEN;
    }
  }

  /** Leaving, and what was accepted is being flushed. Until this is over it can still turn back. */
  record Flushing(Goal goal, CloseReason reason, long deadlineNanos, Open before) implements Life {
    public Flushing {
      if (goal == Goal.AWAKE) {
        throw new IllegalArgumentException("a connection that is to be awake does not leave");
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
    public Setbacks setbacks() {
      return before.setbacks();
    }
  }

  /**
   * Leaving, and the close handshake has begun. There is no way back but through a new generation.
   * What the peer does not answer by the deadline is reset.
   */
  record Closing(Goal goal, CloseReason reason, long deadlineNanos) implements Life {
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
  record Failed(Setbacks setbacks, CloseReason why) implements Awake {
    @Override
    public ConnectionState state() {
      return ConnectionState.FAILED;
    }
  }

  /** The end. */
  record Closed() implements Life {
    @Override
    public ConnectionState state() {
      return ConnectionState.CLOSED;
    }

    @Override
    public Goal goal() {
      return Goal.GONE;
    }
  }
}
