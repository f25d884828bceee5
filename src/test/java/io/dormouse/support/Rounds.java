package io.dormouse.support;

import java.util.function.BooleanSupplier;

/**
 * Whether something comes in time, as it can be told on a busy machine: what others delay now and
 * then shows in single rounds; what the library delays does so in each.
 */
public final class Rounds {
  private static final int MOST = 5;

  private Rounds() {}

  /** Plays rounds, each of which returns whether it was in time, until one was. */
  public static void untilInTime(String what, BooleanSupplier round) {
    for (int i = 0; i < MOST; i++) {
      if (round.getAsBoolean()) {
        return;
      }
    }
    throw new AssertionError("in none of " + MOST + " rounds: " + what);
  }
}
