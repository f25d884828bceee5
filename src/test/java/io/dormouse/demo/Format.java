package io.dormouse.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers for people. */
final class Format {
  private Format() {}

  /** Returns how long ago a {@link System#nanoTime()} was. */
  static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }

  /** Returns a time such as 0.24 ms, 38 ms or 2.1 s. */
  static String time(Duration time) {
    double millis = time.toNanos() / 1e6;
    if (millis < 10) {
      return String.format(Locale.ROOT, "%.2f ms", millis);
    }
    return millis < 1_000
        ? String.format(Locale.ROOT, "%.0f ms", millis)
        : String.format(Locale.ROOT, "%.1f s", millis / 1_000);
  }

  /**
   * Returns a text in lines that have room in so many columns, broken between words where that can
   * be, and not behind a number.
   *
   * @param indent how far the lines after the first are moved to the right, if there is room
   */
  static List<String> wrapped(String text, int columns, int indent) {
    List<String> lines = new ArrayList<>();
    String margin = " ".repeat(indent * 2 > columns ? 2 : indent);
    String rest = text;
    while (rest.length() > columns) {
      int end = end(rest, columns);
      lines.add(rest.substring(0, end).stripTrailing());
      rest = margin + rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** A number stays with what it counts. */
  private static int end(String text, int columns) {
    int last = text.lastIndexOf(' ', columns);
    for (int end = last; end > 0; end = text.lastIndexOf(' ', end - 1)) {
      String line = text.substring(0, end);
      if (line.isBlank()) {
        break;
      }
      if (!line.matches(".*\\d\\+?")) {
        return end;
      }
    }
    return last > 0 && !text.substring(0, last).isBlank() ? last : columns;
  }

  /** Returns an amount such as 512 B or 1.5 kB. */
  static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
