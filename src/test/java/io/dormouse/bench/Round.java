package io.dormouse.bench;

/**
 * What one round gave.
 *
 * @param value in the contest's unit; the time limit if something had not come by then
 * @param missing how many of the things that were waited for did not come
 */
public record Round(double value, int missing) {
  /** A round in which all came. */
  public static Round of(double value) {
    return new Round(value, 0);
  }

  /** A round that took so many nanoseconds, in milliseconds. */
  public static Round ofNanos(long nanos) {
    return of(nanos / 1e6);
  }
}
