package io.dormouse.engine;

/**
 * The failures in a row: generations that ended early and were counted.
 *
 * @param failures how many
 * @param sinceNanos when the first of them was, on the loop's clock; 0 if there is none
 */
record Setbacks(int failures, long sinceNanos) {
  static final Setbacks NONE = new Setbacks(0, 0);

  Setbacks {
    if (failures == 0 && sinceNanos != 0) {
      throw new IllegalArgumentException("no failure, so none is the first");
    }
  }

  boolean isEmpty() {
    return failures == 0;
  }

  /** With one more. */
  Setbacks plusOne(long nowNanos) {
    return new Setbacks(failures + 1, isEmpty() ? nowNanos : sinceNanos);
  }
}
