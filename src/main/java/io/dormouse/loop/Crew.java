package io.dormouse.loop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a loop. One has the loop; while it often runs work that is not the loop's own, a
 * second one watches it, and takes the loop over from a work that takes long.
 *
 * <pre>{@code
 *          callOut()
 *        ------------->
 * INSIDE                OUTSIDE --.
 *        <-------------           |  the other: this still is the work that I saw a tick ago
 *         the work ends           v
 *                       the other is INSIDE; who had the loop watches from now on
 * }</pre>
 *
 * <p>When such work has become rare, the second thread rests, and after a while it goes.
 */
final class Crew {
  private static final Logger log = LoggerFactory.getLogger(SelectorLoop.class);

  /** Work that lasts this long loses the loop, and twice as long at the latest. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final int TICKS_TO_JUDGE = 10;
  private static final int FEW = 50;

  /** So much work within this time is often: the thread that watches is worth its ticks. */
  private static final int MANY = 32;

  private static final long MANY_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum Order {
    WATCH,
    REST,
    GO
  }

  private final String name;
  private final Executor loop;
  private final BooleanSupplier rounds;

  /** The member that has the loop, or the place outside of the one that will return to it. */
  private final AtomicReference<Object> holder = new AtomicReference<>();

  private final AtomicLong calls = new AtomicLong(); // written by whoever has the loop
  private final List<Member> members = new CopyOnWriteArrayList<>();

  // Loop only.
  private int hired;
  private @Nullable Member other;
  private boolean watched;
  private boolean away; // the other is out: it lost the loop and has not returned
  private int asked;
  private long askedSinceNanos;

  /**
   * Creates a crew, which {@link #start()} lets begin.
   *
   * @param loop runs a task on the loop, unless it has ended
   * @param rounds runs the loop's rounds; returns true if the thread has lost the loop, and false
   *     when the loop has ended
   */
  Crew(String name, Executor loop, BooleanSupplier rounds) {
    this.name = name;
    this.loop = loop;
    this.rounds = rounds;
  }

  /** Starts the first thread, which has the loop. */
  void start() {
    Member first = new Member(name);
    holder.set(first);
    members.add(first);
    first.start();
  }

  /** Returns whether the caller has the loop, and is inside. Any thread. */
  boolean isInside() {
    return holder.get() == Thread.currentThread();
  }

  /** Returns whether the caller is one of these threads, inside or outside. Any thread. */
  boolean isMember() {
    return Thread.currentThread() instanceof Member member && member.isOf(this);
  }

  /** Returns whether the caller is work that some crew's thread runs outside. Any thread. */
  static boolean isOutside() {
    return Thread.currentThread() instanceof Member member && member.outside.out;
  }

  // ------------------------------------------------------------------------------- loop only

  /** Returns whether another thread would take the loop over from work that takes long. */
  boolean isWatched() {
    return watched;
  }

  /** The same, and has the loop watched from now on if this is asked often. */
  boolean isWatchedWhenAskedOften() {
    if (watched) {
      return true;
    }
    asked++;
    if (asked < MANY) {
      return false;
    }
    long now = System.nanoTime();
    boolean often = now - askedSinceNanos < MANY_WITHIN_NANOS;
    asked = 0;
    askedSinceNanos = now;
    return often && !away && watch();
  }

  private boolean watch() {
    Member watcher = other;
    if (watcher == null) {
      watcher = hire();
    } else {
      watcher.obey(Order.WATCH);
    }
    watched = watcher != null;
    return watched;
  }

  private @Nullable Member hire() {
    Member hand = new Member(name + "-" + (hired + 2));
    try {
      hand.start();
    } catch (OutOfMemoryError e) { // which also means: no more threads
      log.debug("no thread to watch the loop", e);
      return null;
    }
    hired++;
    members.removeIf(member -> !member.isAlive());
    members.add(hand);
    other = hand;
    return hand;
  }

  /**
   * Runs work outside.
   *
   * @return false if the caller has lost the loop: it must not touch it any more
   */
  boolean callOut(Runnable work) {
    Member me = (Member) Thread.currentThread();
    Outside outside = me.outside;
    calls.lazySet(calls.get() + 1);
    outside.out = true;
    holder.set(outside);
    SelectorLoop.runSafely(work);
    outside.out = false;
    return holder.compareAndSet(outside, me);
  }

  /** The loop ends, so the other may go. */
  void dismiss() {
    watched = false;
    ((Member) Thread.currentThread()).obey(Order.GO);
    if (other != null) {
      other.obey(Order.GO);
    }
  }

  private void taken(Outside from) {
    watched = false;
    away = true;
    other = from.member;
    from.member.obey(Order.REST);
  }

  private void returned() {
    away = false;
  }

  private void rest() {
    if (watched && other != null) {
      watched = false;
      other.obey(Order.REST);
    }
  }

  private void letGo(Member tired) {
    if (!watched && other == tired) {
      other = null;
      tired.obey(Order.GO);
    }
  }

  // ------------------------------------------------------------------------------ any thread

  /** Waits until the threads are gone. Returns false if they were not within the timeout. */
  boolean awaitGone(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    for (Member member : members) {
      TimeUnit.NANOSECONDS.timedJoin(member, Math.max(1, deadline - System.nanoTime()));
      if (member.isAlive()) {
        return false;
      }
    }
    return true;
  }

  private void tell(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the loop has ended, and so do its threads", e);
    }
  }

  /** Where a thread is while it runs work that is not the loop's own. */
  private static final class Outside {
    final Member member;
    boolean out; // its own thread only

    Outside(Member member) {
      this.member = member;
    }
  }

  /** A thread of a crew. */
  private final class Member extends Thread {
    final Outside outside = new Outside(this);
    private volatile Order order = Order.WATCH;

    Member(String name) {
      super(name);
      setDaemon(true);
    }

    boolean isOf(Crew crew) {
      return Crew.this == crew;
    }

    void obey(Order newOrder) {
      order = newOrder;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      if (holder.get() == this) {
        lead();
      }
      while (standBy()) {
        lead();
      }
    }

    private void lead() {
      boolean lost = rounds.getAsBoolean();
      if (lost) {
        tell(Crew.this::returned);
      }
    }

    /** Returns true when it has taken the loop over, and false when it is to go. */
    private boolean standBy() {
      while (order != Order.GO) {
        if (order == Order.WATCH && standWatch()) {
          return true;
        }
        if (order == Order.REST && pause(REST_NANOS)) {
          tell(() -> letGo(this));
        }
      }
      return false;
    }

    /** Returns true when it has taken the loop over, and false when it has another order. */
    private boolean standWatch() {
      long firstSeen = calls.get();
      long seen = firstSeen;
      int ticks = 0;
      while (true) {
        pause(TICK_NANOS);
        if (order != Order.WATCH) {
          return false;
        }
        long now = calls.get();
        if (now == seen && takeOver()) {
          return true;
        }
        seen = now;
        ticks++;
        if (ticks == TICKS_TO_JUDGE) {
          if (now - firstSeen < FEW) {
            tell(Crew.this::rest);
          }
          firstSeen = now;
          ticks = 0;
        }
      }
    }

    private boolean takeOver() {
      if (holder.get() instanceof Outside stuck && holder.compareAndSet(stuck, this)) {
        log.debug("{} takes the loop over from {}", getName(), stuck.member.getName());
        taken(stuck);
        return true;
      }
      return false;
    }

    /** Returns whether it was that long, and not less because of a new order. */
    private boolean pause(long nanos) {
      boolean unused = interrupted(); // by work of others; no sleep would last with it
      long begin = System.nanoTime();
      LockSupport.parkNanos(Crew.this, nanos);
      return System.nanoTime() - begin >= nanos;
    }
  }
}
