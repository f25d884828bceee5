package io.dormouse.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What happened in a world, a line for each, the latest ones. Any thread. */
final class Events {
  private static final int MOST = 1_000;

  private final LongSupplier nanos;
  private final Deque<String> lines = new ArrayDeque<>();
  private long dropped;

  /**
   * Creates one without events.
   *
   * @param nanos how much time has passed
   */
  Events(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Adds a line: who did what, now. */
  synchronized void note(String who, String what) {
    double seconds = (double) nanos.getAsLong() / TimeUnit.SECONDS.toNanos(1);
    lines.add(String.format(Locale.ROOT, "%12.3f s  %-16s %s", seconds, who, what));
    if (lines.size() > MOST) {
      lines.remove();
      dropped++;
    }
  }

  /** Returns the lines, each with its end. */
  synchronized String text() {
    StringBuilder all = new StringBuilder();
    if (dropped > 0) {
      all.append("(and ").append(dropped).append(" lines before)\n");
    }
    lines.forEach(line -> all.append(line).append('\n'));
    return all.toString();
  }
}
