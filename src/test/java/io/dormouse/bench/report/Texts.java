package io.dormouse.bench.report;

import java.util.Locale;

/** Numbers for readers. */
public final class Texts {
  private Texts() {}

  /** As a number, but to the thousandth near 1, where goals tell hundredths apart. */
  public static String ratio(double value) {
    boolean close = value != 1 && Math.abs(value - 1) < 0.1;
    return close ? String.format(Locale.ROOT, "%.3f", value) : number(value);
  }

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
