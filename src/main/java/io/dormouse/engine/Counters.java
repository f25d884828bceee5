package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** The payload bytes of one connection, since it was registered. Any thread, but for one method. */
final class Counters {
  private static final AtomicLongFieldUpdater<Counters> RECEIVED =
      AtomicLongFieldUpdater.newUpdater(Counters.class, "received");
  private static final AtomicLongFieldUpdater<Counters> SENT =
      AtomicLongFieldUpdater.newUpdater(Counters.class, "sent");

  private volatile long received;
  private volatile long sent;

  /**
   * Of this iteration of the loop, counted when it ends: other threads read and change the counter
   * all the time, and each change would wait for them.
   */
  private long sentInIteration;

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  void addReceived(long bytes) {
    RECEIVED.addAndGet(this, bytes);
  }

  void addSent(long bytes) {
    SENT.addAndGet(this, bytes);
  }

  /** Loop only: counts when the iteration ends. */
  void addSentOnLoop(long bytes) {
    sentInIteration += bytes;
  }

  /** The iteration of the loop ends. Loop only. */
  void endOfIteration() {
    addSent(sentInIteration);
    sentInIteration = 0;
  }
}
