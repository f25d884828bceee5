package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.engine.LinkState.Closed;
import io.dormouse.engine.LinkState.Closing;
import io.dormouse.engine.LinkState.Connecting;
import io.dormouse.engine.LinkState.Failed;
import io.dormouse.engine.LinkState.Flushing;
import io.dormouse.engine.LinkState.Open;
import io.dormouse.engine.LinkState.Preparing;
import io.dormouse.engine.LinkState.Queued;
import io.dormouse.engine.LinkState.Suspended;
import io.dormouse.engine.LinkState.Target;
import io.dormouse.engine.LinkState.Waiting;

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
 * Flushing   | Open       -          to Closed  -         -           target        target
 * Closing    | to Open    to Susp.   to Closed  -         -           target        target
 * Failed     | Queued    Suspended  Closed     Queued    -           -             -
 * Closed     | -         -          -          -         -           -             -
 *
 * Connecting -Connected-> Preparing -Prepared-> Open      Flushing -Flushed-> Closing
 * retry? = Waiting or Failed, as the policy says       target = Suspended, Queued or Closed
 * (fresh) = stays, and its failures are forgotten
 * Flushing and Closing take an earlier deadline from a Sleep. Closing has one of its own besides:
 * what was accepted may need the whole budget to be written, but a peer that doesn't answer our
 * close handshake need not be waited for as long.
 * }</pre>
 */
final class Machine {
  /** What the retry policy says of an end, after what was before it. */
  @FunctionalInterface
  interface RetryDecision {
    Decision decide(CloseReason reason, FailureHistory before);
  }

  private static final Suspended SUSPENDED = new Suspended();
  private static final Closed CLOSED = new Closed();

  private final RetryDecision retryDecision;
  private final long minUptimeNanos;
  private final long closeTimeoutNanos;

  /**
   * Creates a table.
   *
   * @param minUptimeNanos a shorter session does not clear the count of failures
   * @param closeTimeoutNanos the most that a peer has to answer our close handshake
   */
  Machine(RetryDecision retryDecision, long minUptimeNanos, long closeTimeoutNanos) {
    this.retryDecision = retryDecision;
    this.minUptimeNanos = minUptimeNanos;
    this.closeTimeoutNanos = closeTimeoutNanos;
  }

  static LinkState initial() {
    return SUSPENDED;
  }

  /** Returns the state that follows, which is {@code linkState} itself if nothing changes. */
  LinkState next(LinkState linkState, Event event, long nowNanos) {
    if (linkState instanceof Suspended) {
      return fromSuspended(linkState, event);
    } else if (linkState instanceof Queued queued) {
      return fromQueued(queued, event);
    } else if (linkState instanceof Waiting waiting) {
      return fromWaiting(waiting, event);
    } else if (linkState instanceof Connecting connecting) {
      return fromConnecting(connecting, event);
    } else if (linkState instanceof Preparing preparing) {
      return fromPreparing(preparing, event, nowNanos);
    } else if (linkState instanceof Open open) {
      return fromOpen(open, event, nowNanos);
    } else if (linkState instanceof Flushing flushing) {
      return fromFlushing(flushing, event, nowNanos);
    } else if (linkState instanceof Closing closing) {
      return fromClosing(closing, event);
    } else if (linkState instanceof Failed) {
      return fromFailed(linkState, event);
    }
    return linkState; // Closed: nothing moves it
  }

  private static LinkState fromSuspended(LinkState linkState, Event event) {
    if (event instanceof Event.Wake) {
      return new Queued(FailureHistory.NONE);
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private static LinkState fromQueued(Queued linkState, Event event) {
    if (event instanceof Event.Permit) {
      return new Connecting(linkState.history());
    } else if (event instanceof Event.Wake && !linkState.history().isEmpty()) {
      return new Queued(FailureHistory.NONE);
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private static LinkState fromWaiting(Waiting linkState, Event event) {
    if (event instanceof Event.Wake || event instanceof Event.RetryNow) {
      return new Queued(FailureHistory.NONE);
    } else if (event instanceof Event.LimitReached) {
      return new Queued(linkState.history());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private LinkState fromConnecting(Connecting linkState, Event event) {
    if (event instanceof Event.Connected) {
      return new Preparing(linkState.history());
    } else if (event instanceof Event.Wake && !linkState.history().isEmpty()) {
      return new Connecting(FailureHistory.NONE);
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return retry(reason(linkState, event), linkState.history());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private LinkState fromPreparing(Preparing linkState, Event event, long nowNanos) {
    if (event instanceof Event.Prepared) {
      return new Open(linkState.history(), nowNanos);
    } else if (event instanceof Event.Wake && !linkState.history().isEmpty()) {
      return new Preparing(FailureHistory.NONE);
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return retry(reason(linkState, event), linkState.history());
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private LinkState fromOpen(Open linkState, Event event, long nowNanos) {
    if (event instanceof Event.Ended ended) {
      boolean proved = nowNanos - linkState.sinceNanos() >= minUptimeNanos;
      return retry(ended.reason(), proved ? FailureHistory.NONE : linkState.history());
    } else if (event instanceof Event.Sleep sleep) {
      return new Flushing(Target.SUSPENDED, sleep.reason(), sleep.deadlineNanos(), linkState);
    } else if (event instanceof Event.Close close) {
      return new Flushing(Target.CLOSED, close.reason(), close.deadlineNanos(), linkState);
    }
    return linkState;
  }

  private LinkState fromFlushing(Flushing linkState, Event event, long nowNanos) {
    if (event instanceof Event.Flushed) {
      long limit = nowNanos + closeTimeoutNanos;
      long deadline =
          isEarlier(limit, linkState.deadlineNanos()) ? limit : linkState.deadlineNanos();
      return new Closing(linkState.target(), linkState.reason(), deadline);
    } else if (event instanceof Event.Wake && linkState.target() == Target.SUSPENDED) {
      return linkState.before();
    } else if (event instanceof Event.Close && linkState.target() == Target.SUSPENDED) {
      return new Flushing(
          Target.CLOSED, linkState.reason(), linkState.deadlineNanos(), linkState.before());
    } else if (event instanceof Event.Sleep sleep
        && isEarlier(sleep.deadlineNanos(), linkState.deadlineNanos())) {
      return new Flushing(
          linkState.target(), linkState.reason(), sleep.deadlineNanos(), linkState.before());
    } else if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return towards(linkState.target());
    }
    return linkState;
  }

  private static LinkState fromClosing(Closing linkState, Event event) {
    if (event instanceof Event.LimitReached || event instanceof Event.Ended) {
      return towards(linkState.target());
    }
    Target target = linkState.target();
    long deadline = linkState.deadlineNanos();
    if (event instanceof Event.Sleep sleep && isEarlier(sleep.deadlineNanos(), deadline)) {
      deadline = sleep.deadlineNanos();
    }
    if (event instanceof Event.Close) {
      target = Target.CLOSED;
    } else if (event instanceof Event.Wake && target == Target.SUSPENDED) {
      target = Target.OPEN;
    } else if (event instanceof Event.Sleep && target == Target.OPEN) {
      target = Target.SUSPENDED;
    }
    boolean same = target == linkState.target() && deadline == linkState.deadlineNanos();
    return same ? linkState : new Closing(target, linkState.reason(), deadline);
  }

  private static boolean isEarlier(long nanos, long thanNanos) {
    return nanos - thanNanos < 0;
  }

  private static LinkState fromFailed(LinkState linkState, Event event) {
    if (event instanceof Event.Wake || event instanceof Event.RetryNow) {
      return new Queued(FailureHistory.NONE);
    } else if (event instanceof Event.Sleep) {
      return SUSPENDED;
    } else if (event instanceof Event.Close) {
      return CLOSED;
    }
    return linkState;
  }

  private LinkState retry(CloseReason reason, FailureHistory before) {
    Decision decision = retryDecision.decide(reason, before);
    if (!decision.retry()) {
      return new Failed(before.plus(decision), reason);
    }
    FailureHistory counted = decision.counted() ? before.plus(decision) : before;
    return new Waiting(counted, decision.delay().toNanos(), reason);
  }

  private static LinkState towards(Target target) {
    return switch (target) {
      case SUSPENDED -> SUSPENDED;
      case OPEN -> new Queued(FailureHistory.NONE);
      case CLOSED -> CLOSED;
    };
  }

  /** Why the generation that {@code linkState} holds ends with {@code event}. */
  static CloseReason reason(LinkState linkState, Event event) {
    if (linkState instanceof Flushing flushing) {
      return flushing.reason();
    } else if (linkState instanceof Closing closing) {
      return closing.reason();
    } else if (event instanceof Event.Ended ended) {
      return ended.reason();
    } else if (event instanceof Event.Sleep sleep) {
      return sleep.reason();
    } else if (event instanceof Event.Close close) {
      return close.reason();
    } else if (event instanceof Event.LimitReached) {
      return linkState instanceof Preparing
          ? CloseReason.of(CloseReason.Kind.PREPARE_FAILED, "the preparation took too long")
          : CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT);
    }
    return CloseReason.of(CloseReason.Kind.CLOSED_BY_APP);
  }
}
