package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLong;

/** The payload bytes of one connection, since it was registered. Any thread, but for one method. */
final class Counters {
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();

  /**
   * Of this iteration of the loop, counted when it ends: other threads read and change the counter
   * all the time, and each change would wait for them.
   */
  private long sentInIteration;

  long received() {
    return received.get();
  }

  long sent() {
    return sent.get();
  }

  void addReceived(long bytes) {
    received.addAndGet(bytes);
  }

  void addSent(long bytes) {
    sent.addAndGet(bytes);
  }

  /** Loop only: counts when the iteration ends. */
  void addSentOnLoop(long bytes) {
    sentInIteration += bytes;
  }

  /** The iteration of the loop ends. Loop only. */
  void endOfIteration() {
    sent.addAndGet(sentInIteration);
    sentInIteration = 0;
  }
}
