package io.dormouse.stream;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Who may write to a socket: one at a time, without a lock that anybody would wait for.
 *
 * <pre>{@code
 *            open()              take()
 * LOOP -----------------> FREE ------------> SENDER
 *   ^  <-----------------      <------------    |
 *   |        claim()             giveBack()     | claim(): not now
 *   |                                           v
 *   '------------- returned() ------------- RECALLED
 * }</pre>
 *
 * <p>The loop has it first, and whenever something waits to be written.
 */
final class Lane {
  private enum Holder {
    LOOP,
    FREE,
    SENDER,
    RECALLED
  }

  private final AtomicReference<Holder> holder = new AtomicReference<>(Holder.LOOP);

  /** A sender takes the lane if it is free. Any thread. */
  boolean take() {
    return holder.compareAndSet(Holder.FREE, Holder.SENDER);
  }

  /**
   * The sender that has it is done.
   *
   * @return false if the loop has asked for the lane: it must be told to call {@link #returned()}
   */
  boolean giveBack() {
    return holder.compareAndSet(Holder.SENDER, Holder.FREE);
  }

  /**
   * The loop takes the lane. Loop only.
   *
   * @return false if a sender has it, which will return it
   */
  boolean claim() {
    while (true) {
      Holder now = holder.get();
      if (now == Holder.LOOP || holder.compareAndSet(Holder.FREE, Holder.LOOP)) {
        return true;
      } else if (now == Holder.RECALLED || holder.compareAndSet(Holder.SENDER, Holder.RECALLED)) {
        return false;
      }
    }
  }

  /** The loop has got the lane from the sender that had it. Loop only. */
  void returned() {
    holder.set(Holder.LOOP);
  }

  /** The loop, if it has the lane, needs it no more for now. Loop only. */
  void open() {
    holder.compareAndSet(Holder.LOOP, Holder.FREE);
  }
}
