package io.dormouse.stream;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Who may write to a transport: one at a time, without a lock that anybody would wait for.
 *
 * <pre>{@code
 *           offer()             acquire()
 * LOOP ----------------> FREE -------------> SENDER
 *  ^ ^ <---------------      <--------------  |  |
 *  | |     request()            release()     |  | request(): not now
 *  | '--------- handOver() -------------------'  v
 *  '----------- release(), handOver() ------- REQUESTED
 * }</pre>
 *
 * <p>The loop has it first, and whenever something waits to be written.
 */
final class WriteOwnership {
  private enum Owner {
    LOOP,
    FREE,
    SENDER,
    REQUESTED
  }

  private final AtomicReference<Owner> owner = new AtomicReference<>(Owner.LOOP);

  /** A sender takes the ownership if it is free. Any thread. */
  boolean acquire() {
    return owner.compareAndSet(Owner.FREE, Owner.SENDER);
  }

  /**
   * The sender that has the ownership gives it up.
   *
   * @return false if the loop had requested it, and has it now: it must be told
   */
  boolean release() {
    if (owner.compareAndSet(Owner.SENDER, Owner.FREE)) {
      return true;
    }
    owner.set(Owner.LOOP);
    return false;
  }

  /** The sender that has the ownership leaves it to the loop. Loop only. */
  void handOver() {
    owner.set(Owner.LOOP);
  }

  /**
   * The loop takes the ownership. Loop only.
   *
   * @return false if a sender has it, which will give it up
   */
  boolean request() {
    while (true) {
      Owner now = owner.get();
      if (now == Owner.LOOP || owner.compareAndSet(Owner.FREE, Owner.LOOP)) {
        return true;
      } else if (now == Owner.REQUESTED || owner.compareAndSet(Owner.SENDER, Owner.REQUESTED)) {
        return false;
      }
    }
  }

  /** The loop, if it has the ownership, needs it no more for now. Loop only. */
  void offer() {
    owner.compareAndSet(Owner.LOOP, Owner.FREE);
  }
}
