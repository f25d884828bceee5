package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Counts what the app has not taken yet, stops its source at a bound, and lets it go on when half
 * of that is left. Any thread, except where a method says otherwise.
 */
final class Backlog {
  private static final AtomicLongFieldUpdater<Backlog> WAITING =
      AtomicLongFieldUpdater.newUpdater(Backlog.class, "waiting");

  private final long bound;
  private final Runnable caughtUp;
  private volatile long waiting;

  /** Set on the loop, read where the app takes something. */
  private volatile boolean stopped;

  /**
   * Creates an empty backlog.
   *
   * @param caughtUp is called by whoever takes what brings it down to half, if the source is
   *     stopped; it may be called more than once
   */
  Backlog(long bound, Runnable caughtUp) {
    this.bound = bound;
    this.caughtUp = caughtUp;
  }

  /** Counts something in, and returns how much waits. */
  long add(long amount) {
    return WAITING.addAndGet(this, amount);
  }

  /** Takes back an {@link #add} of what was not handed out after all. */
  void remove(long amount) {
    WAITING.addAndGet(this, -amount);
  }

  /** The app has taken so much. */
  void taken(long amount) {
    long left = WAITING.addAndGet(this, -amount);
    if (stopped && left <= bound / 2) {
      caughtUp.run();
    }
  }

  /** Stops the source if so much is too much, and returns whether it did. Loop only. */
  boolean stopAt(long amount) {
    if (amount < bound) {
      return false;
    }
    stopped = true;
    if (waiting <= bound / 2) { // the app caught up before it could see the flag
      stopped = false;
    }
    return stopped;
  }

  /** The same for what waits now. Loop only. */
  boolean stopIfFull() {
    return stopAt(waiting);
  }

  /** Returns whether the source is stopped and need not be any more. Loop only. */
  boolean hasCaughtUp() {
    return stopped && waiting <= bound / 2;
  }

  /** The source could not go on after all. Loop only. */
  void stop() {
    stopped = true;
  }

  /** Lets the source go on, and returns whether it was stopped. Loop only. */
  boolean goOn() {
    boolean was = stopped;
    stopped = false;
    return was;
  }
}
