package io.dormouse.bench.crowd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts what comes, up to all of a number. */
final class Arrivals {
  private final CountDownLatch missing;

  Arrivals(int expected) {
    missing = new CountDownLatch(expected);
  }

  void come() {
    missing.countDown();
  }

  /** Waits for the last. Returns how many have not come within the limit. */
  int await() throws InterruptedException {
    missing.await(Crowd.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    return (int) missing.getCount();
  }
}
