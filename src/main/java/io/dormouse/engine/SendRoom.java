package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The bound on one connection's sends: how many bytes count against it. A send counts from its
 * acceptance until its future completes, so that outcomes that nobody takes are bounded too. Any
 * thread.
 */
final class SendRoom {
  private static final AtomicLongFieldUpdater<SendRoom> COUNTED =
      AtomicLongFieldUpdater.newUpdater(SendRoom.class, "counted");

  private final long bound;
  private volatile long counted;

  SendRoom(long bound) {
    this.bound = bound;
  }

  /**
   * Counts a send in if there is room for it, or if nothing else counts. One that does not fit
   * changes nothing, so it is in nobody's way.
   */
  boolean reserve(long bytes) {
    while (true) {
      long now = counted;
      if (now > 0 && now + bytes > bound) {
        return false;
      } else if (COUNTED.compareAndSet(this, now, now + bytes)) {
        return true;
      }
    }
  }

  /** So many bytes don't count any more. */
  void release(long bytes) {
    COUNTED.addAndGet(this, -bytes);
  }

  /** Returns how many bytes count. */
  long bytes() {
    return counted;
  }

  long bound() {
    return bound;
  }
}
