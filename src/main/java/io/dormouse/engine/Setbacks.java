package io.dormouse.engine;

import io.dormouse.connection.RetryPolicy.Decision;

/**
 * The failures in a row: generations that ended early and were counted.
 *
 * @param failures how many
 * @param waitedNanos the delays that were decided on after them, together
 */
record Setbacks(int failures, long waitedNanos) {
  static final Setbacks NONE = new Setbacks(0, 0);

  boolean isEmpty() {
    return failures == 0;
  }

  /** With one more, and the delay after it. */
  Setbacks plus(Decision decision) {
    long waited = waitedNanos + decision.delay().toNanos();
    return new Setbacks(failures + 1, waited < 0 ? Long.MAX_VALUE : waited); // 292 years
  }
}
