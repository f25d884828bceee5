package io.dormouse.loop;

import io.dormouse.log.LogLine;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/**
 * {@link System#nanoTime()}, and on top of it the time that the device has slept, which that clock
 * leaves out on Android and Linux. How long it slept is seen by a second clock of the app's, which
 * may be coarse, wrong or broken: this one never goes back, and without the other goes on alone.
 */
final class SleepAwareClock implements LongSupplier {
  private static final LogLine CLOCK_THREW =
      LogLine.appError(
          LoggerFactory.getLogger(SelectorLoop.class),
          "the clock that counts sleep threw; the device's sleep is not counted from now on");

  private final LongSupplier withSleep;
  private final LongSupplier withoutSleep;
  private final long difference;
  private final AtomicLong slept = new AtomicLong();
  private volatile boolean broken;

  /**
   * Creates one that has seen no sleep yet.
   *
   * @param withSleep nanoseconds, those of sleep included; any thread asks it
   */
  SleepAwareClock(LongSupplier withSleep) {
    this(withSleep, System::nanoTime);
  }

  SleepAwareClock(LongSupplier withSleep, LongSupplier withoutSleep) {
    this.withSleep = withSleep;
    this.withoutSleep = withoutSleep;
    this.difference = withSleep.getAsLong() - withoutSleep.getAsLong();
  }

  @Override
  public long getAsLong() {
    // First the one that counts sleep: a thread that is held up between the two has seen too little
    // sleep, which the next call mends, and never too much, which would stay.
    long seen = broken ? 0 : askTheOther();
    long now = withoutSleep.getAsLong();
    long sleep = seen - now - difference;
    if (sleep > slept.get() && !broken) {
      slept.accumulateAndGet(sleep, Math::max);
    }
    return now + slept.get();
  }

  private long askTheOther() {
    try {
      return withSleep.getAsLong();
    } catch (Throwable e) { // or each timer of the registry would end with it
      broken = true;
      CLOCK_THREW.write(e);
      return 0;
    }
  }
}
