package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.LoudLog;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class SleepAwareClockTest {
  private static final long MILLI = 1_000_000;

  private final AtomicLong awake = new AtomicLong(Long.MAX_VALUE - 5 * MILLI); // it wraps around
  private final AtomicLong slept = new AtomicLong(77);
  private final LongSupplier clock = new SleepAwareClock(this::withSleep, awake::get);

  private long withSleep() {
    return Math.floorDiv(awake.get() + slept.get(), MILLI) * MILLI; // as coarse as Android's
  }

  @Test
  void awakeItGoesAsTheFineClockDoesButForOneTickOfTheCoarseOne() {
    long before = clock.getAsLong();
    for (int i = 1; i <= 10_000; i++) {
      awake.addAndGet(1_234);
      assertThat(clock.getAsLong() - before).isBetween(i * 1_234L, i * 1_234L + MILLI);
    }
  }

  @Test
  void sleepCounts() {
    long before = clock.getAsLong();
    slept.addAndGet(3_600_000 * MILLI);
    awake.addAndGet(MILLI);
    assertThat(clock.getAsLong() - before).isBetween(3_600_000 * MILLI, 3_600_002 * MILLI);
  }

  @Test
  void itNeverGoesBackThoughTheOtherDoes() {
    slept.addAndGet(1_000 * MILLI);
    long asleep = clock.getAsLong();
    slept.addAndGet(-900 * MILLI);
    assertThat(clock.getAsLong()).isGreaterThanOrEqualTo(asleep);
    awake.addAndGet(MILLI);
    assertThat(clock.getAsLong() - asleep).isBetween(MILLI, 2 * MILLI);
  }

  @Test
  void aClockThatThrowsIsNotAskedAgain() {
    AtomicLong asked = new AtomicLong();
    LongSupplier broken =
        new SleepAwareClock(
            () -> {
              if (asked.getAndIncrement() == 2) {
                throw new StackOverflowError("the app's clock");
              }
              return awake.get() + slept.get();
            },
            awake::get);
    slept.addAndGet(50 * MILLI);
    long before = broken.getAsLong();
    awake.addAndGet(MILLI);
    try (LoudLog log = new LoudLog(SelectorLoop.class.getName())) {
      assertThat(broken.getAsLong() - before).isEqualTo(MILLI);
      awake.addAndGet(MILLI);
      assertThat(broken.getAsLong() - before).isEqualTo(2 * MILLI);
      assertThat(log.text()).containsOnlyOnce("the clock that counts sleep threw");
    }
    assertThat(asked).hasValue(3);
  }
}
