package io.dormouse.connection;

import java.time.Duration;
import java.util.Objects;

/**
 * Decides whether a connection tries again after a generation ended, and when. A pure function: it
 * is called on the I/O thread, so it neither blocks nor keeps state; everything it may need, chance
 * included, is in the {@link Ended} it gets.
 */
@FunctionalInterface
public interface RetryPolicy {
  /** Decides what follows. An exception thrown here counts as {@link Decision#giveUp()}. */
  Decision decide(Ended ended);

  /**
   * What has happened.
   *
   * @param reason why the generation ended
   * @param failures how many generations in a row ended early, this one included; at least 1
   * @param waited the delays that were decided on after the earlier of these failures, together;
   *     zero if this is the first. The time that attempts took, and sessions that were too short to
   *     clear the count, is not in it, nor are delays after ends that were not charged. Whatever
   *     forgets the failures forgets it too: a session that is long enough, a foreground, {@link
   *     Connection#retryNow()}
   * @param sinceForeground how long the app has been in front
   * @param random a fresh random number, from 0 inclusive to 1 exclusive
   */
  record Ended(
      CloseReason reason, int failures, Duration waited, Duration sinceForeground, double random) {
    /** Checks the arguments. */
    public Ended {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(waited, "waited");
      Objects.requireNonNull(sinceForeground, "sinceForeground");
      if (failures < 1) {
        throw new IllegalArgumentException("at least one failure, not " + failures);
      }
      if (waited.isNegative()) {
        throw new IllegalArgumentException("nobody waits for " + waited);
      }
      if (!(random >= 0 && random < 1)) {
        throw new IllegalArgumentException("random must be in [0, 1), not " + random);
      }
    }
  }

  /** What follows. */
  final class Decision {
    private static final Decision GIVE_UP = new Decision(Duration.ZERO, false, false);

    private final Duration delay;
    private final boolean retry;
    private final boolean charged;

    private Decision(Duration delay, boolean retry, boolean charged) {
      this.delay = delay;
      this.retry = retry;
      this.charged = charged;
    }

    /** Don't try again before the next foreground or {@link Connection#retryNow()}. */
    public static Decision giveUp() {
      return GIVE_UP;
    }

    /**
     * Try again after {@code delay}, and count this end as a failure.
     *
     * @throws IllegalArgumentException if {@code delay} is negative or above 365 days
     */
    public static Decision retryAfter(Duration delay) {
      return new Decision(checked(delay), true, true);
    }

    /**
     * Try again after {@code delay}, and don't count this end as a failure.
     *
     * @throws IllegalArgumentException if {@code delay} is negative or above 365 days
     */
    public static Decision retryUncharged(Duration delay) {
      return new Decision(checked(delay), true, false);
    }

    /** Returns whether to try again. */
    public boolean retry() {
      return retry;
    }

    /** Returns how long to wait first. */
    public Duration delay() {
      return delay;
    }

    /** Returns whether this end counts as a failure. */
    public boolean charged() {
      return charged;
    }

    private static Duration checked(Duration delay) {
      if (delay.isNegative() || delay.compareTo(Duration.ofDays(365)) > 0) {
        throw new IllegalArgumentException("a delay is from 0 to 365 days, not " + delay);
      }
      return delay;
    }

    @Override
    public String toString() {
      return retry ? "retry after " + delay + (charged ? "" : ", uncharged") : "give up";
    }
  }
}
