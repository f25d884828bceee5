package io.dormouse.engine;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The payload bytes and TLS handshakes of one connection, since it was registered. Any thread, but
 * where a method says otherwise.
 */
final class Counters {
  private static final AtomicLongFieldUpdater<Counters> RECEIVED =
      AtomicLongFieldUpdater.newUpdater(Counters.class, "received");
  private static final AtomicLongFieldUpdater<Counters> SENT =
      AtomicLongFieldUpdater.newUpdater(Counters.class, "sent");

  private volatile long received;
  private volatile long sent;
  private volatile int handshakes; // written on the loop
  private volatile int resumed; // written on the loop

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

  /** The same, with what this iteration of the loop has sent. Loop only. */
  long sentUntilNow() {
    return sent + sentInIteration;
  }

  long handshakes() {
    return handshakes;
  }

  long resumedHandshakes() {
    return resumed;
  }

  /** A TLS handshake is done. Loop only. */
  void addHandshake(boolean isResumed) {
    int before = handshakes; // one thread writes them
    int resumedBefore = resumed;
    handshakes = before + 1;
    resumed = resumedBefore + (isResumed ? 1 : 0);
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
