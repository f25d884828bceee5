package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.engine.Life.Closed;
import io.dormouse.engine.Life.Closing;
import io.dormouse.engine.Life.Connecting;
import io.dormouse.engine.Life.Failed;
import io.dormouse.engine.Life.Flushing;
import io.dormouse.engine.Life.Goal;
import io.dormouse.engine.Life.Open;
import io.dormouse.engine.Life.Preparing;
import io.dormouse.engine.Life.Queued;
import io.dormouse.engine.Life.Suspended;
import io.dormouse.engine.Life.Waiting;

/**
 * The state table of one connection: which state follows on which event. It has no side effects;
 * {@link Link} carries out what a change of state means.
 *
 * <p>Read it by columns. Each state answers every event; "stays" is an answer too, and is given by
 * returning the same object.
 *
 * <pre>{@code
 *            | Wake      Sleep      Close      RetryNow  Permit      LimitReached  Ended
 * -----------+------------------------------------------------------------------------------
 * Suspended  | Queued    -          Closed     -         -           -             -
 * Queued     | (fresh)   Suspended  Closed     -         Connecting  -             -
 * Waiting    | Queued    Suspended  Closed     Queued    -           Queued        -
 * Connecting | (fresh)   Suspended  Closed     -         -           retry?        retry?
 * Preparing  | (fresh)   Suspended  Closed     -         -           retry?        retry?
 * Open       | -         Flushing   Flushing   -         -           -             retry?
 * Flushing   | Open      -          to Closed  -         -           goal          goal
 * Closing    | then wake then sleep then end   -         -           goal          goal
 * Failed     | Queued    Suspended  Closed     Queued    -           -             -
 * Closed     | -         -          -          -         -           -             -
 *
 * Connecting -Connected-> Preparing -Prepared-> Open      Flushing -Flushed-> Closing
 * retry? = Waiting or Failed, as the policy says       goal = Suspended, Queued or Closed
 * (fresh) = stays, and its failures are forgotten
 * Flushing and Closing take an earlier deadline from a Sleep. Closing has one of its own besides:
 * what was accepted may need the whole budget to be written, but a peer that doesn't answer our
 * close handshake need not be waited for as long.
 * }</pre>
 */
final class Machine {
  /** What the retry policy says of an end, after what was before it. */
  @FunctionalInterface
  interface Judge {
    Decision judge(CloseReason reason, Setbacks before);
  }

  private static final Suspended SUSPENDED = new Suspended();
  private static final Closed CLOSED = new Closed();

  private final Judge judge;
  private final long minUptimeNanos;
  private final long closeTimeoutNanos;

  /**
   * Creates a table.
   *
   * @param minUptimeNanos a shorter session does not clear the count of failures
   * @param closeTimeoutNanos the most that a peer has to answer our close handshake
   */
  Machine(Judge judge, long minUptimeNanos, long closeTimeoutNanos) {
    this.judge = judge;
    this.minUptimeNanos = minUptimeNanos;
    this.closeTimeoutNanos = closeTimeoutNanos;
  }

  static Life initial() {
    return SUSPENDED;
  }

  /** Returns the state that follows, which is {@code life} itself if nothing changes. */
  Life next(Life life, Event event, long nowNanos) {
    if (life instanceof Suspended) {
      return fromSuspended(life, event);
    } else if (life instanceof Queued queued) {
      return fromQueued(queued, event);
    } else if (life instanceof Waiting waiting) {
      return fromWaiting(waiting, event);
    } else if (life instanceof Connecting connecting) {
      return fromConnecting(connecting, event);
    } else if (life instanceof Preparing preparing) {
      return fromPreparing(preparing, event, nowNanos);
    } else if (life instanceof Open open) {
      return fromOpen(open, event, nowNanos);
    } else if (life instanceof Flushing flushing) {
      return fromFlushing(flushing, event, nowNanos);
    } else if (life instanceof Closing closing) {
      return fromClosing(closing, event);
    } else if (life instanceof Failed) {
      return fromFailed(life, event);
    }
    return life; // Closed: nothing moves it
  }

  private static Life fromSuspended(Life life, Event event) {
    if (event instanceof Event.Wake) {
      return new Queued(Setbacks.NONE);
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private static Life fromQueued(Queued life, Event event) {
    if (event instanceof Event.Permit) {
      return new Connecting(life.setbacks());
    } else if (event instanceof Event.Wake && !life.setbacks().isEmpty()) {
      return new Queued(Setbacks.NONE);
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private static Life fromWaiting(Waiting life, Event event) {
    if (event instanceof Event.Wake || event instanceof Event.RetryNow) {
      return new Queued(Setbacks.NONE);
    } else if (event instanceof Event.LimitReached) {
      return new Queued(life.setbacks());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private Life fromConnecting(Connecting life, Event event) {
    if (event instanceof Event.Connected) {
      return new Preparing(life.setbacks());
    } else if (event instanceof Event.Wake && !life.setbacks().isEmpty()) {
      return new Connecting(Setbacks.NONE);
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return retry(reason(life, event), life.setbacks());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private Life fromPreparing(Preparing life, Event event, long nowNanos) {
    if (event instanceof Event.Prepared) {
      return new Open(life.setbacks(), nowNanos);
    } else if (event instanceof Event.Wake && !life.setbacks().isEmpty()) {
      return new Preparing(Setbacks.NONE);
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return retry(reason(life, event), life.setbacks());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private Life fromOpen(Open life, Event event, long nowNanos) {
    if (event instanceof Event.Ended ended) {
      boolean proved = nowNanos - life.sinceNanos() >= minUptimeNanos;
      return retry(ended.reason(), proved ? Setbacks.NONE : life.setbacks());
    } else if (event instanceof Event.Sleep sleep) {
      return new Flushing(Goal.ASLEEP, sleep.reason(), sleep.deadlineNanos(), life);
    } else if (event instanceof Event.Close close) {
      return new Flushing(Goal.GONE, close.reason(), close.deadlineNanos(), life);
    }
    return life;
  }

  private Life fromFlushing(Flushing life, Event event, long nowNanos) {
    if (event instanceof Event.Flushed) {
      long limit = nowNanos + closeTimeoutNanos;
      long deadline = isEarlier(limit, life.deadlineNanos()) ? limit : life.deadlineNanos();
      return new Closing(life.goal(), life.reason(), deadline);
    } else if (event instanceof Event.Wake && life.goal() == Goal.ASLEEP) {
      return life.before();
    } else if (event instanceof Event.Close && life.goal() == Goal.ASLEEP) {
      return new Flushing(Goal.GONE, life.reason(), life.deadlineNanos(), life.before());
    } else if (event instanceof Event.Sleep sleep
        && isEarlier(sleep.deadlineNanos(), life.deadlineNanos())) {
      return new Flushing(life.goal(), life.reason(), sleep.deadlineNanos(), life.before());
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return towards(life.goal());
    }
    return life;
  }

  private static Life fromClosing(Closing life, Event event) {
    if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return towards(life.goal());
    }
    Goal goal = life.goal();
    long deadline = life.deadlineNanos();
    if (event instanceof Event.Sleep sleep && isEarlier(sleep.deadlineNanos(), deadline)) {
      deadline = sleep.deadlineNanos();
    }
    if (event instanceof Event.Close) {
      goal = Goal.GONE;
    } else if (event instanceof Event.Wake && goal == Goal.ASLEEP) {
      goal = Goal.AWAKE;
    } else if (event instanceof Event.Sleep && goal == Goal.AWAKE) {
      goal = Goal.ASLEEP;
    }
    boolean same = goal == life.goal() && deadline == life.deadlineNanos();
    return same ? life : new Closing(goal, life.reason(), deadline);
  }

  private static boolean isEarlier(long nanos, long thanNanos) {
    return nanos - thanNanos < 0;
  }

  private static Life fromFailed(Life life, Event event) {
    if (event instanceof Event.Wake || event instanceof Event.RetryNow) {
      return new Queued(Setbacks.NONE);
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return life;
  }

  private Life retry(CloseReason reason, Setbacks before) {
    Decision decision = judge.judge(reason, before);
    if (!decision.retry()) {
      return new Failed(before.plus(decision), reason);
    }
    Setbacks counted = decision.counted() ? before.plus(decision) : before;
    return new Waiting(counted, decision.delay().toNanos(), reason);
  }

  private static Life towards(Goal goal) {
    return switch (goal) {
      case ASLEEP -> SUSPENDED;
      case AWAKE -> new Queued(Setbacks.NONE);
      case GONE -> CLOSED;
    };
  }

  /** Why the generation that {@code life} holds ends with {@code event}. */
  static CloseReason reason(Life life, Event event) {
    if (life instanceof Flushing flushing) {
      return flushing.reason();
    } else if (life instanceof Closing closing) {
      return closing.reason();
    } else if (event instanceof Event.Ended ended) {
      return ended.reason();
    } else if (event instanceof Event.Sleep sleep) {
      return sleep.reason();
    } else if (event instanceof Event.Close close) {
      return close.reason();
    } else if (event instanceof Event.LimitReached) {
      return life instanceof Preparing
          ? CloseReason.of(CloseReason.Kind.PREPARE_FAILED, "the opening took too long")
          : CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT);
    }
    return CloseReason.of(CloseReason.Kind.CLOSED_BY_APP);
  }
}
