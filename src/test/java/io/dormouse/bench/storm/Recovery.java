package io.dormouse.bench.storm;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How clients come back to a server that was away: when each of them arrives, in seconds from the
 * server's return, in order. A client's attempt fails at once while the server is away, and
 * succeeds when it is back. Those that have given up by then are missing.
 *
 * <p>The ratio of the peak to the mean says how evenly a policy uses the time that it takes. It
 * must be read beside the peak itself: clients that all come within one second do so very evenly.
 */
final class Recovery {
  private final double[] arrivals;
  private final int missing;

  private Recovery(double[] arrivals, int missing) {
    this.arrivals = arrivals;
    this.missing = missing;
  }

  /** Lets all clients lose the server at the same moment. */
  static Recovery of(Policy policy, int clients, double outageSeconds, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] arrivals = new double[clients];
    int arrived = 0;
    for (int i = 0; i < clients; i++) {
      double now = 0;
      for (int failures = 1; now < outageSeconds; failures++) {
        now += policy.delaySeconds(failures, now, random);
      }
      if (now < Policy.NEVER) {
        arrivals[arrived++] = now - outageSeconds;
      }
    }
    double[] sorted = Arrays.copyOf(arrivals, arrived);
    Arrays.sort(sorted);
    return new Recovery(sorted, clients - arrived);
  }

  /** How many clients have given up. */
  int missing() {
    return missing;
  }

  /** The most arrivals in any window of one second. */
  int peak() {
    int peak = 0;
    int first = 0;
    for (int last = 0; last < arrivals.length; last++) {
      while (arrivals[last] - arrivals[first] >= 1) {
        first++;
      }
      peak = Math.max(peak, last - first + 1);
    }
    return peak;
  }

  /** From the server's return until half of those that come are there; NaN if none comes. */
  double secondsToHalf() {
    return arrivals.length == 0 ? Double.NaN : arrivals[(arrivals.length - 1) / 2];
  }

  /** From the server's return to the last arrival; NaN if none comes. */
  double seconds() {
    return arrivals.length == 0 ? Double.NaN : arrivals[arrivals.length - 1];
  }

  /**
   * The peak, by the mean of arrivals in a second; a recovery counts as a second at least. NaN if
   * none comes.
   */
  double peakToMean() {
    return peak() / (arrivals.length / Math.max(1, seconds()));
  }
}
