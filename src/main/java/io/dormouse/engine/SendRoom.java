package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bound on one connection's sends: how many bytes count against it. A send counts from its
 * acceptance until its future completes, so that outcomes that nobody takes are bounded too. Any
 * thread.
 */
final class SendRoom {
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
      if (now > 0 && now + bytes > bound) {
        return false;
      } else if (counted.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  /** So many bytes don't count any more. */
  void release(long bytes) {
    counted.addAndGet(-bytes);
  }

  /** Returns how many bytes count. */
  long bytes() {
    return counted.get();
  }

  long bound() {
    return bound;
  }
}
