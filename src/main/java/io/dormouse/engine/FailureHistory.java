package io.dormouse.engine;

import io.dormouse.connection.RetryPolicy.Decision;

/**
 * The failures in a row: generations that ended early and were counted.
 *
 * @param failures how many
 * @param waitedNanos the delays that were decided on after them, together
 */
record FailureHistory(int failures, long waitedNanos) {
  static final FailureHistory NONE = new FailureHistory(0, 0);

  boolean isEmpty() {
    return failures == 0;
  }

  /** With one more, and the delay after it. */
  FailureHistory plus(Decision decision) {
    long waited = waitedNanos + decision.delay().toNanos();
    return new FailureHistory(failures + 1, waited < 0 ? Long.MAX_VALUE : waited); // 292 years
  }
}
