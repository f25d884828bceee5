package io.dormouse.bench.report;

import java.util.Locale;

/** Numbers for readers. */
public final class Texts {
  private Texts() {}

  /** Three significant digits, and no more; whole above 100. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    } else if (Math.abs(value) >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    } else if (Math.abs(value) >= 10) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
