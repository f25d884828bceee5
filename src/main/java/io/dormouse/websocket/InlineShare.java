package io.dormouse.websocket;

import java.util.concurrent.TimeUnit;

/**
 * How much is compressed on the loop's thread, which is the shortest way for a message: some 16 KiB
 * in each millisecond, by all connections together, which takes a quarter of the time.
 */
final class InlineShare {
  private static final int MOST = 16 * 1024;
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final ThreadLocal<InlineShare> OF_THREAD =
      ThreadLocal.withInitial(InlineShare::new);

  private long sinceNanos;
  private int left = MOST;

  /** Returns that of the loop that runs on this thread. */
  static InlineShare ofThisThread() {
    return OF_THREAD.get();
  }

  /**
   * Returns whether so many bytes may be compressed here and now.
   *
   * @param nowNanos on the loop's clock
   */
  boolean take(int bytes, long nowNanos) {
    if (nowNanos - sinceNanos >= WINDOW_NANOS || nowNanos - sinceNanos < 0) {
      sinceNanos = nowNanos;
      left = MOST;
    }
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }
}
