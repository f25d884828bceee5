package io.dormouse.demo;

import java.time.Duration;

/**
 * One step of the script, played.
 *
 * @param name what happened to the app
 * @param expected what the connections had to do
 * @param seen what they did
 * @param outcome whether that is the same
 * @param took how long it took
 */
record Step(String name, String expected, String seen, Outcome outcome, Duration took) {
  /** How a step went. */
  enum Outcome {
    OK("ok"),
    FAILED("FAILED"),
    /** Needs what this run does not have. */
    SKIPPED("skipped"),
    /** A step before it failed. */
    NOT_REACHED("-");

    private final String shown;

    Outcome(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }
}
