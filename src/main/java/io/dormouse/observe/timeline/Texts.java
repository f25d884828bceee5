package io.dormouse.observe.timeline;

import java.util.Locale;

/** Numbers for people, as the page's script writes them too. */
final class Texts {
  private static final long SECOND = 1_000_000;

  private Texts() {}

  static String count(long number, String of) {
    return number + " " + of + (number == 1 ? "" : "s");
  }

  /** Returns such as {@code 12.5 ms} and {@code 1:02:03 h}. */
  static String time(long micros) {
    if (micros < 1_000) {
      return micros + " \u00B5s";
    } else if (micros < SECOND) {
      return short4(micros / 1e3) + " ms";
    } else if (micros < 60 * SECOND) {
      return short4(micros / 1e6) + " s";
    }
    long seconds = Math.round(micros / 1e6);
    if (seconds < 3_600) {
      return String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
    }
    return String.format(
        Locale.ROOT, "%d:%02d:%02d h", seconds / 3_600, seconds / 60 % 60, seconds % 60);
  }

  /** Returns when something happened, to the millisecond where hours have passed. */
  static String clock(long micros) {
    if (micros < 60 * SECOND) {
      return time(micros);
    }
    long seconds = micros / SECOND;
    long millis = micros / 1_000 % 1_000;
    return String.format(
        Locale.ROOT, "%d:%02d:%02d.%03d", seconds / 3_600, seconds / 60 % 60, seconds % 60, millis);
  }

  /** At most four digits, without zeros at the end. */
  private static String short4(double number) {
    int decimals = number < 10 ? 3 : number < 100 ? 2 : number < 1_000 ? 1 : 0;
    String text = String.format(Locale.ROOT, "%." + decimals + "f", number);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }

  /** Returns all that is to be said of a state of a row, in lines. */
  static String told(Row row, Span span) {
    StringBuilder text = new StringBuilder(row.name());
    text.append(" (").append(row.kind()).append("): ").append(span.state().words());
    text.append("\nfrom ").append(clock(span.from())).append(" to ").append(clock(span.to()));
    text.append(span.goesOn() ? ", and goes on: " : ": ").append(time(span.micros()));
    if (span.generation() > 0) {
      text.append("\ngeneration ").append(span.generation());
    }
    if (!span.address().isEmpty()) {
      text.append("\naddress ").append(span.address());
    }
    if (!span.reason().isEmpty()) {
      text.append("\nwhy: ").append(span.reason());
    }
    return text.toString();
  }
}
