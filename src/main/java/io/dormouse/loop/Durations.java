package io.dormouse.loop;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How a time is printed for people: {@code 14.8 ms}, {@code 3.6 s}, {@code 12 min}. */
public final class Durations {
  private Durations() {}

  /** Returns a time with the unit that suits it. */
  public static String text(Duration time) {
    double millis = time.getSeconds() * 1e3 + time.getNano() / 1e6;
    if (Math.abs(millis) < 1_000) {
      return decimal(millis) + " ms";
    }
    long seconds = time.getSeconds();
    if (seconds < TimeUnit.MINUTES.toSeconds(2)) {
      return decimal(millis / 1e3) + " s";
    } else if (seconds < TimeUnit.HOURS.toSeconds(2)) {
      return TimeUnit.SECONDS.toMinutes(seconds) + " min";
    }
    return TimeUnit.SECONDS.toHours(seconds) + " h";
  }

  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
