package android.os;

import java.util.concurrent.atomic.AtomicLong;

/** Stands in for Android's: two clocks that a test moves. */
public final class SystemClock {
  private static final AtomicLong UPTIME = new AtomicLong(1_000_000);
  private static final AtomicLong SLEPT = new AtomicLong();

  private SystemClock() {}

  public static long uptimeMillis() {
    return UPTIME.get();
  }

  public static long elapsedRealtime() {
    return UPTIME.get() + SLEPT.get();
  }

  /** The device is awake for a while. Timers are {@link Handler}'s business. */
  static void advance(long millis) {
    UPTIME.addAndGet(millis);
  }

  /** The device is in deep sleep for a while, in which no timer runs. */
  public static void sleepDeeply(long millis) {
    SLEPT.addAndGet(millis);
  }
}
