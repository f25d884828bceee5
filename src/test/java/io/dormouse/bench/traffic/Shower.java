package io.dormouse.bench.traffic;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts datagrams that come, from the first to the server's sign that there are no more. */
final class Shower {
  private final CountDownLatch over = new CountDownLatch(1);
  private int count;
  private long firstNanos;
  private long lastNanos;

  /** Takes one. Returns whether more will come. For one thread after the other. */
  boolean take(ByteBuffer datagram) {
    if (datagram.get(datagram.position()) == 'd') {
      lastNanos = System.nanoTime();
      firstNanos = count == 0 ? lastNanos : firstNanos;
      count++;
    } else if (count > 0) { // before that, it is the end of an earlier shower
      over.countDown();
      return false;
    }
    return true;
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Waits until it is over, within the limit. */
  void await() throws InterruptedException {
    boolean unused = over.await(Posts.LIMIT_NANOS, TimeUnit.NANOSECONDS);
  }

  /** Returns how many came in a second, between the first and the last. Only when it is over. */
  double perSecond() {
    return (count - 1) / ((lastNanos - firstNanos) / 1e9);
  }
}
