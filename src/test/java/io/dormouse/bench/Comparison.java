package io.dormouse.bench;

import io.dormouse.bench.Contest.Better;
import io.dormouse.bench.report.Spread;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the rounds of two contenders become one ratio, which is above 1 if the first one wins. What
 * they gave is listed by round; NaN stands for a round that failed.
 */
public enum Comparison {
  /** The ratio of the medians: for work that differs by more than the machine does. */
  MEDIANS {
    @Override
    public double ratio(Better better, List<Double> ours, List<Double> peer) {
      return of(better, spread(ours).median(), spread(peer).median());
    }
  },

  /**
   * The median of the ratios of each round, in which both played shortly after each other. What
   * disturbs the machine for longer than a round hits both alike, and so falls out.
   */
  PAIRS {
    @Override
    public double ratio(Better better, List<Double> ours, List<Double> peer) {
      List<Double> ratios =
          IntStream.range(0, ours.size())
              .mapToObj(round -> of(better, ours.get(round), peer.get(round)))
              .toList();
      return spread(ratios).median();
    }
  };

  /** Returns the ratio; NaN if there is none. */
  public abstract double ratio(Better better, List<Double> ours, List<Double> peer);

  /** Of the rounds that did not fail; NaN if all did: then no goal is met. */
  public static Spread spread(List<Double> values) {
    double[] played =
        values.stream().mapToDouble(Double::doubleValue).filter(v -> !Double.isNaN(v)).toArray();
    return played.length == 0 ? Spread.of(Double.NaN) : Spread.of(played);
  }

  private static double of(Better better, double ours, double peer) {
    if (ours == peer) {
      return 1; // also when both are 0
    }
    return better == Better.HIGHER ? ours / peer : peer / ours;
  }
}
