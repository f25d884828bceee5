package io.dormouse.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/**
 * How long something takes, again and again, as it can be compared on a busy machine: the best of
 * some rounds counts, and of a round the 90th percentile. What others delay each time shows in
 * every round; what the machine delays now and then does not.
 */
public record Latency(double millis) {
  private static final int ROUNDS = 5;
  private static final int TIMES = 20;

  /** By how much one may be slower than the other before the difference is told from chance. */
  private static final double NOISE_MILLIS = 10;

  /** Measures something that takes its time in the caller. */
  public static Latency of(Runnable action) {
    return new Latency(best(action, 0));
  }

  /** Checks that nothing but noise tells the same from this, an idle run. */
  public void assertHeldUpByNothing(Runnable action) {
    double most = 3 * millis + NOISE_MILLIS;
    assertThat(best(action, most)).as("ms, where an idle run has %s", millis).isLessThan(most);
  }

  /** Plays rounds until one is good enough, but not more than are worth it. */
  private static double best(Runnable action, double enough) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && best >= enough; round++) {
      double[] took = new double[TIMES];
      for (int i = 0; i < TIMES; i++) {
        long begin = System.nanoTime();
        action.run();
        took[i] = (System.nanoTime() - begin) / 1e6;
      }
      Arrays.sort(took);
      best = Math.min(best, took[TIMES * 9 / 10]);
    }
    return best;
  }
}
