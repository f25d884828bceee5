package io.dormouse.reconnect;

import java.time.Duration;
import java.util.Objects;

/**
 * Exponential backoff with jitter: after the first failure a delay from zero to {@code base}, then
 * about as long again as all delays before it, at most {@code cap}.
 *
 * <pre>{@code
 * waited so far  | the delay is drawn evenly from
 * ---------------+-------------------------------
 * 0, the first   | 0          to  base
 * a time e       | 3/4 e      to  5/4 e + 3/2 base
 * a long time    | 2/5 cap    to  cap
 * }</pre>
 *
 * <p>The length of a delay follows from the time that was waited, not from the number of failures.
 * Where it follows from failures, as in full jitter (M. Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015), chance leads some clients to many failures in a short time: when a
 * server is back after 10 s most of its clients wait for some seconds, and a few for 60. Here all
 * are back after little more than the time that the server was away, and evenly over it.
 *
 * <p>The time that failing attempts take is left out, so that delays grow no faster on a network
 * that swallows everything than on one that refuses at once.
 *
 * <p>There is jitter at the cap too, so that clients that were brought into step drift apart again.
 * It is just so wide that the peak of arrivals stays below twice their mean, whatever time the
 * server was away, from 0.5 s to 30 min. This is simulated: 100,000 clients lose their server at
 * once, and attempts fail at once until it is back. From 1 s to 50 s, and beside it full jitter
 * from 1 s doubling to 60 s:
 *
 * <pre>{@code
 *          | busiest second / mean | busiest second | half are back | all are back | attempts of one
 * away for |  full jitter   this   |   full   this  |  full   this  |  full   this |  full   this
 * ---------+-----------------------+----------------+---------------+--------------+----------------
 *      1 s |      8.7       1.5    | 56,700  54,700 |  0.9 s  0.9 s |  15 s    3 s |   2.3    2.2
 *      3 s |     15.9       1.7    | 29,900  31,700 |  1.7 s  1.7 s |  53 s    5 s |   3.4    3.2
 *     10 s |      9.0       1.8    | 15,000  13,100 |  5.4 s  4.3 s |  60 s   14 s |   5.0    4.7
 *     30 s |      2.4       1.8    |  4,100   4,600 | 13.0 s 13.0 s |  60 s   39 s |   6.5    6.2
 *     60 s |      1.7       1.4    |  2,900   2,900 | 18.7 s 18.6 s |  60 s   50 s |   7.6    7.3
 *    300 s |      2.0       1.5    |  3,300   3,000 | 17.6 s 17.6 s |  60 s   50 s |  15.6   14.1
 *  1,800 s |      2.0       1.5    |  3,300   3,000 | 17.6 s 17.5 s |  60 s   50 s |  65.6   57.0
 * }</pre>
 *
 * <p>Full jitter comes in waves. In between, where it happens to be quiet, this has the higher
 * peak, by up to a third; it has the lower one for two thirds of all outages. Where attempts take
 * seconds to fail, and an outage lasts for few of them, both have a ratio above 2.
 *
 * @param base the longest delay after the first failure
 * @param cap the longest delay of all
 */
public record Backoff(Duration base, Duration cap) {
  /**
   * Checks the arguments.
   *
   * @param base positive
   * @param cap from {@code base} to 365 days
   * @throws IllegalArgumentException if {@code base} is not positive, {@code cap} is below it, or
   *     {@code cap} is above 365 days
   */
  public Backoff {
    Objects.requireNonNull(base, "base");
    Objects.requireNonNull(cap, "cap");
    if (base.isZero() || base.isNegative()) {
      throw new IllegalArgumentException("the base of a backoff must be positive, not " + base);
    }
    if (cap.compareTo(base) < 0) {
      throw new IllegalArgumentException("the cap " + cap + " is below the base " + base);
    }
    if (cap.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("the cap " + cap + " is above 365 days");
    }
  }

  /**
   * {@return the delay before the next attempt}
   *
   * @param waited the delays after the earlier failures in a row, together; zero after the first
   * @param random from 0 inclusive to 1 exclusive; the same number gives the same delay
   */
  public Duration delay(Duration waited, double random) {
    Duration least = shortest(waited);
    long room = longest(waited).minus(least).toNanos();
    return least.plusNanos((long) (room * random));
  }

  /**
   * {@return the shortest {@link #delay} that may be drawn}
   *
   * @param waited the delays after the earlier failures in a row, together; zero after the first
   */
  public Duration shortest(Duration waited) {
    long nanos = bounded(waited);
    return Duration.ofNanos(Math.min(nanos - nanos / 4, cap.toNanos() / 5 * 2));
  }

  /**
   * {@return what {@link #delay} stays below}
   *
   * @param waited the delays after the earlier failures in a row, together; zero after the first
   */
  public Duration longest(Duration waited) {
    long nanos = bounded(waited);
    if (nanos == 0) {
      return base;
    }
    long more = base.toNanos() + base.toNanos() / 2;
    return Duration.ofNanos(Math.min(nanos + nanos / 4 + more, cap.toNanos()));
  }

  /** From the cap on nothing changes; and no multiple of the cap overflows, it is below 2^55 ns. */
  private long bounded(Duration waited) {
    if (waited.isNegative()) {
      throw new IllegalArgumentException("nobody waits for " + waited);
    }
    return waited.compareTo(cap) < 0 ? waited.toNanos() : cap.toNanos();
  }
}
