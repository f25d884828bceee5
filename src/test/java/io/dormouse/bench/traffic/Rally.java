package io.dormouse.bench.traffic;

import io.dormouse.bench.Round;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** One round of echoes: on each connection a message goes to and fro until the time is up. */
final class Rally {
  /** An answer that has not come so long after the end will not come. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long begun = System.nanoTime();
  private final long end;
  private final LongAdder trips = new LongAdder();
  private final CountDownLatch playing;

  Rally(int connections, int millis) {
    playing = new CountDownLatch(connections);
    end = begun + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** A message has come back. Returns whether it is to be sent again. */
  boolean returned() {
    trips.increment();
    if (System.nanoTime() - end < 0) {
      return true;
    }
    playing.countDown();
    return false;
  }

  /** Whether all have come back after the time was up, or will not come. */
  boolean isOver() {
    return playing.getCount() == 0 || System.nanoTime() - end > PATIENCE_NANOS;
  }

  /** Waits until it is over. Returns the round trips in a second, and how many did not come. */
  Round result() throws InterruptedException {
    playing.await(end + PATIENCE_NANOS - System.nanoTime(), TimeUnit.NANOSECONDS);
    double seconds = (System.nanoTime() - begun) / 1e9;
    return new Round(trips.sum() / seconds, (int) playing.getCount());
  }
}
