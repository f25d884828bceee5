package io.dormouse.stream;

import java.util.Objects;
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
 *
 * SENDER, REQUESTED -- abandon() --> ABANDONED
 * }</pre>
 *
 * <p>The loop has it first, and whenever something waits to be written. Once a sender has abandoned
 * it, nobody may write any more: the loop learns that when it asks.
 */
final class WriteOwnership {
  private enum Owner {
    LOOP,
    FREE,
    SENDER,
    REQUESTED,
    ABANDONED
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

  /**
   * The sender that has the ownership does not know what the peer has got. Needs no memory, since
   * there may be none.
   */
  void abandon() {
    owner.set(Owner.ABANDONED);
  }

  /** The sender that has the ownership leaves it to the loop. Loop only. */
  void handOver() {
    owner.set(Owner.LOOP);
  }

  /**
   * The loop takes the ownership. Loop only.
   *
   * @return false if a sender has it, which will give it up
   * @throws IllegalStateException if a sender has abandoned it
   */
  boolean request() {
    Owner after = requested();
    if (after == Owner.ABANDONED) {
      throw new IllegalStateException("a sender failed in the middle of a write");
    }
    return after == Owner.LOOP;
  }

  /** No sender acquires it any more, whoever has it now. Loop only. */
  void revoke() {
    Owner unused = requested();
  }

  private Owner requested() {
    while (true) {
      Owner now = Objects.requireNonNull(owner.get());
      Owner next =
          switch (now) {
            case FREE -> Owner.LOOP;
            case SENDER -> Owner.REQUESTED;
            default -> now;
          };
      if (now == next || owner.compareAndSet(now, next)) {
        return next;
      }
    }
  }

  /** The loop, if it has the ownership, needs it no more for now. Loop only. */
  void offer() {
    owner.compareAndSet(Owner.LOOP, Owner.FREE);
  }
}
