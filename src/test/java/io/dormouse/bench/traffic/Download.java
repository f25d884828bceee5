package io.dormouse.bench.traffic;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts bytes on a library's thread, for another thread that waits for the last. */
final class Download {
  private final CountDownLatch complete = new CountDownLatch(1);
  private final long wanted;
  private volatile long came;

  Download(long wanted) {
    this.wanted = wanted;
  }

  /** One thread after the other. */
  void add(int bytes) {
    long sum = came + bytes;
    came = sum;
    if (sum >= wanted) {
      complete.countDown();
    }
  }

  /** Returns how many came within the limit. */
  long await() throws InterruptedException {
    complete.await(Streams.LIMIT_NANOS, TimeUnit.NANOSECONDS);
    return came;
  }
}
