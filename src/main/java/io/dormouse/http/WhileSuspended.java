package io.dormouse.http;

import io.dormouse.check.Check;
import java.time.Duration;

/** What a call does that begins while its connection is asleep. */
public final class WhileSuspended {
  private static final WhileSuspended FAIL_FAST = new WhileSuspended(Duration.ZERO);

  private final Duration waitAtMost;

  private WhileSuspended(Duration waitAtMost) {
    this.waitAtMost = waitAtMost;
  }

  /**
   * It fails at once with a {@link SuspendedException}.
   *
   * @return a value that may be shared
   */
  public static WhileSuspended failFast() {
    return FAIL_FAST;
  }

  /**
   * It waits until the connection is open again, and fails with a {@link SuspendedException} after
   * this time. The wait ends early, too, by {@code Call.cancel()}, by the client's call timeout and
   * by {@link HttpConnection#close()}. A call that had begun when the app went to the background,
   * and had sent nothing yet, waits likewise, below the app's interceptors, which are not run
   * again.
   *
   * <p>A waiting call holds its thread, and its place among the calls that the dispatcher runs at
   * once.
   *
   * @param atMost positive
   * @return a value that may be shared
   * @throws IllegalArgumentException if it is not, or is more than 365 days
   */
  public static WhileSuspended waitUpTo(Duration atMost) {
    return new WhileSuspended(Check.positive("WhileSuspended", "waitUpTo", atMost));
  }

  /** Returns how long a call waits; zero if it fails at once. */
  Duration waitAtMost() {
    return waitAtMost;
  }

  @Override
  public String toString() {
    return waitAtMost.isZero() ? "failFast()" : "waitUpTo(" + waitAtMost + ")";
  }
}
