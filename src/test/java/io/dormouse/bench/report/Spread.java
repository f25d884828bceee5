package io.dormouse.bench.report;

import java.util.Arrays;

/**
 * Several measurements of one thing.
 *
 * @param median of them
 * @param lowest of them
 * @param highest of them
 * @param rounds how many
 */
public record Spread(double median, double lowest, double highest, int rounds) {
  /** Returns the spread of some values, at least one. */
  public static Spread of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }
}
