package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bound on one connection's sends: how many bytes count against it, and how many sends wait to
 * be written. A send counts from its acceptance until its future completes, so that outcomes that
 * nobody takes are bounded too. Any thread.
 */
final class SendRoom {
  /** Both numbers are in one, so that accepting a send changes one variable: bytes are below. */
  private static final int COUNT_SHIFT = 40;

  private static final long ONE = 1L << COUNT_SHIFT;
  private static final long BYTES = ONE - 1;

  private final AtomicLong counted = new AtomicLong();
  private final long bound;

  SendRoom(long bound) {
    this.bound = bound;
  }

  /**
   * Counts a send in if there is room for it, or if nothing else counts. One that does not fit
   * changes nothing, so it is in nobody's way.
   */
  boolean reserve(long bytes) {
    while (true) {
      long now = counted.get();
      long taken = now & BYTES;
      if (taken > 0 && taken + bytes > bound) {
        return false;
      } else if (counted.compareAndSet(now, now + ONE + bytes)) {
        return true;
      }
    }
  }

  /** Counts a send in that is on its way already. */
  void add(long bytes) {
    counted.addAndGet(ONE + bytes);
  }

  /** A send that was counted in was not accepted after all. */
  void cancel(long bytes) {
    counted.addAndGet(-ONE - bytes);
  }

  /** So many sends don't wait to be written any more; their bytes still count. */
  void settled(int sends) {
    counted.addAndGet(-ONE * sends);
  }

  /** So many bytes don't count any more. */
  void release(long bytes) {
    counted.addAndGet(-bytes);
  }

  /** Returns whether no accepted send waits to be written. */
  boolean nothingWaits() {
    return counted.get() < ONE;
  }

  /** Returns how many bytes count. */
  long bytes() {
    return counted.get() & BYTES;
  }

  long bound() {
    return bound;
  }
}
