package io.dormouse.connection;

import io.dormouse.loop.Durations;
import io.dormouse.reconnect.Backoff;
import java.time.Duration;

/**
 * Decides whether a connection tries again after a generation ended, and when. A pure function: it
 * is called on the I/O thread, so it neither blocks nor keeps state; everything it may need, chance
 * included, is in the {@link Ended} it gets.
 */
@FunctionalInterface
public interface RetryPolicy {
  /**
   * Decides what follows. An exception thrown here counts as {@link Decision#giveUp()}.
   *
   * @param ended what has ended, after how many failures, and a random number
   * @return what follows; null counts as {@link Decision#giveUp()} too
   */
  Decision decide(Ended ended);

  /**
   * {@return the default policy: as {@link #withBackoff(Duration, Duration)}, from 1 s to 50 s} It
   * reads the reason:
   *
   * <ul>
   *   <li>What time may heal (a lost network, a reset, a timeout, a server error) is tried again
   *       after a {@link Backoff}, without end.
   *   <li>What time won't heal is given up until the next foreground: what TLS does not agree on,
   *       such as a bad certificate, but for a handshake that stalled (its cause is a {@link
   *       java.net.SocketTimeoutException}), an HTTP status 2xx or 3xx (whoever answers, it is no
   *       WebSocket server), a status 4xx other than 408, 425 and 429, the WebSocket codes 1008
   *       (policy violation), 3000 (unauthorized) and 3003 (forbidden) of the IANA registry, a
   *       proxy that does not accept the user and the password, or answers 4xx other than 408 and
   *       429.
   *   <li>A server that asks for time gets it: {@code Retry-After} is a lower bound, up to an hour,
   *       since a server that is set up wrongly must not shut an app out for days; after 1012
   *       (service restart) and 1013 (try again later) a client waits some 5 to 30 s.
   *   <li>Where this machine has no room for one more socket, it is tried again shortly and not
   *       counted: it tells nothing about the server, and there may be room at any moment.
   *   <li>A name that does not resolve in the first moments after the foreground is tried again
   *       soon and not counted: the network comes back a little later than the app.
   * </ul>
   */
  static RetryPolicy standard() {
    return withBackoff(Duration.ofSeconds(1), Duration.ofSeconds(50));
  }

  /**
   * {@return the {@linkplain #standard() default policy} with a backoff of its own}
   *
   * @param base the longest delay after the first failure; positive
   * @param cap the longest delay of all; from {@code base} to 365 days
   * @throws IllegalArgumentException if one of them is out of its range
   */
  static RetryPolicy withBackoff(Duration base, Duration cap) {
    return new StandardRetryPolicy(new Backoff(base, cap));
  }

  /** {@return a policy that never tries again by itself} */
  static RetryPolicy never() {
    return ended -> Decision.giveUp();
  }

  /**
   * {@return a policy that decides as this one does, but gives up after so many failures in a row}
   * Ends that this one does not count are not among them.
   *
   * @param failures at least 1
   * @throws IllegalArgumentException if {@code failures} is below 1
   */
  default RetryPolicy givingUpAfter(int failures) {
    if (failures < 1) {
      throw new IllegalArgumentException("it takes at least 1 failure to give up, not " + failures);
    }
    return ended -> {
      Decision decision = decide(ended);
      boolean enough = decision.counted() && ended.failures() >= failures;
      return enough ? Decision.giveUp() : decision;
    };
  }

  /**
   * What has happened. The library makes these; {@link #of} makes one for tests of a policy, and
   * the {@code with} methods change what it says. A later version may say more.
   */
  sealed interface Ended permits FailedGeneration {
    /**
     * {@return the first failure of a connection, for this reason, at the moment of the foreground,
     * with the random number 0}
     *
     * @param reason why it ended
     */
    static Ended of(CloseReason reason) {
      return new FailedGeneration(reason, 1, Duration.ZERO, Duration.ZERO, 0);
    }

    /**
     * {@return the same as one of several failures in a row}
     *
     * @param failures at least 1, this one included
     * @param waited the {@linkplain #waited() delays} before it, together; not negative
     * @throws IllegalArgumentException if {@code failures} is below 1 or {@code waited} negative
     */
    Ended withFailures(int failures, Duration waited);

    /**
     * {@return the same so long after the app came to the front}
     *
     * @param sinceForeground from zero
     */
    Ended withSinceForeground(Duration sinceForeground);

    /**
     * {@return the same with this random number}
     *
     * @param random from 0 inclusive to 1 exclusive
     * @throws IllegalArgumentException if it is not from 0 inclusive to 1 exclusive
     */
    Ended withRandom(double random);

    /** {@return why the generation ended} */
    CloseReason reason();

    /** {@return how many generations in a row ended early, this one included; at least 1} */
    int failures();

    /**
     * {@return the delays that were decided on after the earlier of these failures, together; zero
     * if this is the first} The time that attempts took, and sessions that were too short to clear
     * the count, is not in it, nor are delays after ends that were not counted. Whatever forgets
     * the failures forgets it too: a session that is long enough, a foreground, {@link
     * Connection#retryNow()}.
     */
    Duration waited();

    /** {@return how long the app has been in front} */
    Duration sinceForeground();

    /** {@return a fresh random number, from 0 inclusive to 1 exclusive} */
    double random();
  }

  /** What follows. */
  final class Decision {
    private static final Decision GIVE_UP = new Decision(Duration.ZERO, false, false);

    private final Duration delay;
    private final boolean retry;
    private final boolean counted;

    private Decision(Duration delay, boolean retry, boolean counted) {
      this.delay = delay;
      this.retry = retry;
      this.counted = counted;
    }

    /**
     * Don't try again before the next foreground or {@link Connection#retryNow()}.
     *
     * @return that decision
     */
    public static Decision giveUp() {
      return GIVE_UP;
    }

    /**
     * Try again after {@code delay}, and count this end as a failure.
     *
     * @param delay from zero, which is at once, to 365 days
     * @return that decision
     * @throws IllegalArgumentException if {@code delay} is negative or above 365 days
     */
    public static Decision retryAfter(Duration delay) {
      return new Decision(checked(delay), true, true);
    }

    /**
     * Try again after {@code delay}, and don't count this end as a failure.
     *
     * @param delay from zero, which is at once, to 365 days
     * @return that decision
     * @throws IllegalArgumentException if {@code delay} is negative or above 365 days
     */
    public static Decision retryUncounted(Duration delay) {
      return new Decision(checked(delay), true, false);
    }

    /** {@return whether to try again} */
    public boolean retry() {
      return retry;
    }

    /** {@return how long to wait first} */
    public Duration delay() {
      return delay;
    }

    /** {@return whether this end counts as a failure} */
    public boolean counted() {
      return counted;
    }

    private static Duration checked(Duration delay) {
      if (delay.isNegative() || delay.compareTo(Duration.ofDays(365)) > 0) {
        throw new IllegalArgumentException("a delay is from 0 to 365 days, not " + delay);
      }
      return delay;
    }

    @Override
    public String toString() {
      return retry
          ? "retry after " + Durations.text(delay) + (counted ? "" : ", not counted")
          : "give up";
    }
  }
}
