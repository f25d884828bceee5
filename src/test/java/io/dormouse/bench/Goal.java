package io.dormouse.bench;

import io.dormouse.bench.report.Texts;

/** What Dormouse should reach. */
public sealed interface Goal {
  /** Whether it is. */
  boolean isMet(double ours, double ratio);

  /** The ratio at which it is reached beside a peer with this value, NaN for none. */
  double ratioBeside(double peer);

  /** A ratio to the peer; above 1 is a win, whichever way the unit runs. */
  record Ratio(double least) implements Goal {
    @Override
    public boolean isMet(double ours, double ratio) {
      return ratio >= least;
    }

    @Override
    public double ratioBeside(double peer) {
      return least;
    }

    @Override
    public String toString() {
      return "ratio ≥ " + Texts.number(least);
    }
  }

  /** A bound on our own value. */
  record AtMost(double most, String unit) implements Goal {
    @Override
    public boolean isMet(double ours, double ratio) {
      return ours <= most;
    }

    @Override
    public double ratioBeside(double peer) {
      return most == 0 ? Double.NaN : peer / most;
    }

    @Override
    public String toString() {
      return "≤ " + Texts.number(most) + (unit.isEmpty() ? "" : " " + unit);
    }
  }
}
