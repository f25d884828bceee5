package io.dormouse.reconnect;

import java.time.Duration;
import java.util.Objects;

/**
 * Exponential backoff with full jitter: a delay drawn evenly from zero up to a ceiling that doubles
 * with each failure until it reaches the cap. Full jitter spreads clients the most, at the cap too,
 * so that a server that restarts is not met by all of them at once. (M. Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015.)
 *
 * @param base the ceiling after the first failure
 * @param cap the highest ceiling
 */
public record Backoff(Duration base, Duration cap) {
  /**
   * Checks the arguments.
   *
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
   * Returns the delay after a number of failures in a row.
   *
   * @param failures at least 1
   * @param random from 0 inclusive to 1 exclusive; the same number gives the same delay
   */
  public Duration delay(int failures, double random) {
    return Duration.ofNanos((long) (ceiling(failures).toNanos() * random));
  }

  /**
   * Returns what {@link #delay} stays below after a number of failures in a row.
   *
   * @param failures at least 1
   */
  public Duration ceiling(int failures) {
    if (failures < 1) {
      throw new IllegalArgumentException("at least one failure, not " + failures);
    }
    long nanos = base.toNanos();
    for (int i = 1; i < failures && nanos < cap.toNanos(); i++) {
      nanos *= 2; // cannot overflow: the cap is below 2^55 ns
    }
    return Duration.ofNanos(Math.min(nanos, cap.toNanos()));
  }
}
