package io.dormouse.lifecycle;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A lifecycle that is made of others, its members. It listens to them only while somebody listens
 * to it, so that one which nobody needs any more can go; in between it looks at them when it is
 * asked.
 *
 * <p>No lock is held while members or listeners are called. Instead one thread at a time evaluates:
 * who comes meanwhile leaves a signal, for which that thread evaluates once more. Changes that come
 * while a listener is being told may therefore be told as one.
 */
abstract class DerivedLifecycle extends OwnLifecycle {
  private final List<? extends AppLifecycle> members;
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean known; // it has been somewhere else than at UNKNOWN
  private volatile boolean terminated;
  private volatile boolean following;

  /** The last phase that listeners heard of; only for the thread that evaluates. */
  private @Nullable Phase told;

  DerivedLifecycle(List<? extends AppLifecycle> members) {
    this.members = members;
  }

  /** The listener to the members: calls {@link #evaluate} in the end. Always the same one. */
  abstract LifecycleListener hooks();

  /** Where the members say it is. */
  abstract Phase phaseOfMembers();

  /** Called when it listens to its members, and before anybody relies on that. */
  void beforeFollowing() {}

  /** Called before each evaluation, by one thread at a time. */
  void beforeEvaluation() {}

  /** Called when it does not listen to its members any more, by the thread that evaluates. */
  void unfollowed() {}

  final boolean isFollowing() {
    return following;
  }

  @Override
  final Phase phase() {
    if (terminated) {
      return Phase.TERMINATED;
    }
    Phase now = phaseOfMembers();
    if (now == Phase.UNKNOWN) {
      return known ? Phase.BACKGROUND : now; // what is known does not become unknown
    }
    known = true;
    terminated = now == Phase.TERMINATED;
    return now;
  }

  @Override
  public final void addListener(LifecycleListener listener) {
    super.addListener(listener);
    Throwable failure = evaluateAll();
    if (failure != null) {
      removeListener(listener);
      if (failure instanceof Error error) {
        throw error;
      }
      throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
    }
  }

  @Override
  public final void removeListener(LifecycleListener listener) {
    super.removeListener(listener);
    evaluate();
  }

  /** Something has changed: brings the listeners up to date. */
  final void evaluate() {
    Throwable failure = evaluateAll();
    if (failure != null) {
      LIFECYCLE_THREW.write(failure);
    }
  }

  /** Returns what a member threw. */
  private @Nullable Throwable evaluateAll() {
    if (signals.getAndIncrement() > 0) {
      return null;
    }
    Throwable failure = null;
    boolean alone = signals.get() == 1;
    int seen;
    do {
      seen = signals.get();
      try {
        evaluateOnce(alone);
      } catch (Throwable e) { // it goes on, or nobody would ever evaluate again
        failure = e;
      }
      alone = false;
    } while (signals.addAndGet(-seen) > 0);
    return failure;
  }

  private void evaluateOnce(boolean alone) {
    if (hasListeners() && !following) {
      follow();
      // Who adds a listener while another thread evaluates is back before the members are listened
      // to, and may miss a change unless it is told where they are.
      told = alone ? phase() : null;
    } else if (!hasListeners() && following) {
      unfollow();
    }
    if (following) {
      beforeEvaluation();
      Phase now = phase();
      if (now != told) {
        told = now;
        tellListeners(now);
      }
    }
  }

  private void follow() {
    try {
      for (AppLifecycle member : members) {
        member.addListener(hooks());
      }
      beforeFollowing();
      following = true;
      beforeEvaluation();
    } catch (Throwable e) {
      unfollow();
      throw e;
    }
  }

  private void unfollow() {
    following = false;
    for (AppLifecycle member : members) {
      try {
        member.removeListener(hooks());
      } catch (Throwable e) { // the others are left all the same
        LIFECYCLE_THREW.write(e);
      }
    }
    unfollowed();
  }
}
