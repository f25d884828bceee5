package io.dormouse.loop;

import io.dormouse.log.LogLine;
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
 * The threads of a loop. The leader has the loop. While it often runs work of others inline,
 * between two iterations, a standby thread watches it; if such work takes long, the standby thread
 * takes the loop over, and is the leader from then on.
 *
 * <pre>{@code
 *           runInline()
 * ON THE LOOP ------> INLINE --.
 *            <------           |  the standby thread: it is the same work as a tick ago
 *       the work ends          v
 *                    the standby thread leads; the old leader stands by when its work ends
 * }</pre>
 *
 * <p>There are at most these two threads. Where the second one is, {@link Standby} says. Without it
 * nothing could run inline, since a callback that blocks would block all connections; what running
 * inline is worth is said where callbacks do.
 */
final class LoopThreads {
  private static final Logger log = LoggerFactory.getLogger(SelectorLoop.class);
  private static final LogLine NO_STANDBY = LogLine.debug(log, "no thread to watch the loop");
  private static final LogLine NOT_WOKEN =
      LogLine.debug(log, "no memory to wake a thread, which wakes by itself soon");
  private static final LogLine TAKES_OVER = LogLine.debug(log, "{} takes the loop over from {}");
  private static final LogLine TOLD_LATER =
      LogLine.debug(log, "the loop has ended, or there is no memory: told later");

  /** Work that lasts this long loses the loop, and twice as long at the latest. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Within so many ticks this much work has to come, or the standby thread rests. */
  private static final int TICKS_TO_JUDGE = 10;

  private static final int FEW = 50;

  /** So much work within this time is often: a thread that watches is worth its ticks. */
  private static final int MANY = 32;

  private static final long MANY_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

  /** A standby thread that was not needed for as long ends. */
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * What the second thread does.
   *
   * <pre>{@code
   * NONE --> WATCHES <--> RESTS --> NONE
   *             |           ^
   *             '-> IS_STUCK'          any --> ENDED
   * }</pre>
   *
   * The leader has it watch and rest, so that work runs inline only while it surely watches.
   */
  private enum Standby {
    /** There is no second thread. */
    NONE,
    /** It looks at the leader each tick. Only now may work run inline. */
    WATCHES,
    /** It sleeps, since work has become rare, and ends if it stays so. */
    RESTS,
    /** It is an old leader, still in the work that cost it the loop. */
    IS_STUCK,
    /** The loop has ended, and so do the threads. */
    ENDED
  }

  private final String name;
  private final Executor loop;
  private final BooleanSupplier iterations;
  private final AtomicReference<Standby> standby = new AtomicReference<>(Standby.NONE);

  /** The thread that is on the loop, or the inline call of the thread that will return to it. */
  private final AtomicReference<@Nullable Object> holder = new AtomicReference<>();

  /** Made beforehand: a thread that watches must not end because there is no memory. */
  private final Runnable rest = this::rest;

  private final AtomicLong calls = new AtomicLong(); // inline ones; written by the leader
  private final List<Member> members = new CopyOnWriteArrayList<>();

  // Leader only.
  private int started;
  private int asked;
  private long askedSinceNanos;

  /**
   * Creates the threads, of which {@link #start()} starts the first.
   *
   * @param loop runs a task on the loop, unless it has ended
   * @param iterations runs the loop's iterations; returns true if the thread has lost the loop, and
   *     false when the loop has ended
   */
  LoopThreads(String name, Executor loop, BooleanSupplier iterations) {
    this.name = name;
    this.loop = loop;
    this.iterations = iterations;
  }

  /** Starts the first leader. */
  void start() {
    Member first = new Member(name);
    holder.set(first);
    members.add(first);
    started++;
    first.start();
  }

  /** Returns whether the caller is on the loop: the leader, and not in an inline call. */
  boolean isOnLoop() {
    return holder.get() == Thread.currentThread();
  }

  /** Returns whether the caller is one of these threads, on the loop or not. Any thread. */
  boolean isOneOfThese() {
    return Thread.currentThread() instanceof Member member && member.isOf(this);
  }

  // ----------------------------------------------------------------------------- leader only

  /** Returns whether the loop would be taken over from work that takes long. */
  boolean isWatched() {
    return standby.get() == Standby.WATCHES;
  }

  /** The same, and has the loop watched from now on if this is asked often. */
  boolean isWatchedWhenAskedOften() {
    if (isWatched()) {
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
    return often && beginWatch();
  }

  /** Returns false if there is no thread for it. */
  private boolean beginWatch() {
    if (standby.compareAndSet(Standby.RESTS, Standby.WATCHES)) {
      unparkSecond();
      return true;
    }
    return standby.compareAndSet(Standby.NONE, Standby.WATCHES) && startStandby();
  }

  private boolean startStandby() {
    try {
      Member second = new Member(name + "-" + (started + 1));
      members.removeIf(Member::hasEnded);
      members.add(second);
      started++;
      try {
        second.start();
        return true;
      } catch (Throwable e) {
        members.remove(second);
        throw e;
      }
    } catch (Throwable e) { // no memory, which also means: no more threads
      standby.set(Standby.NONE);
      NO_STANDBY.write(e);
      return false;
    }
  }

  /** The standby thread is not needed for now. */
  private void rest() {
    standby.compareAndSet(Standby.WATCHES, Standby.RESTS);
  }

  /**
   * Runs work inline: the caller keeps its thread, but is not on the loop meanwhile.
   *
   * @return false if the caller has lost the loop: it must not touch it any more
   */
  boolean runInline(Runnable work) {
    Member me = (Member) Thread.currentThread();
    Call call = me.call;
    calls.lazySet(calls.get() + 1);
    holder.set(call);
    SelectorLoop.runSafely(work);
    boolean unused = Thread.interrupted(); // what it leaves behind is not for other work
    return holder.compareAndSet(call, me);
  }

  /** The loop ends, and so does the second thread. */
  void end() {
    standby.set(Standby.ENDED);
    unparkSecond();
  }

  private void unparkSecond() {
    try {
      for (Member member : members) {
        if (member != Thread.currentThread()) {
          LockSupport.unpark(member);
        }
      }
    } catch (OutOfMemoryError e) {
      NOT_WOKEN.write(e);
    }
  }

  // ------------------------------------------------------------------------------ any thread

  /** Waits until the threads are gone. Returns false if they were not within the timeout. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    for (Member member : members) {
      TimeUnit.NANOSECONDS.timedJoin(member, Math.max(1, deadline - System.nanoTime()));
      if (member.isAlive()) {
        return false;
      }
    }
    return true;
  }

  /** What holds the loop's place while its leader runs work inline. */
  private static final class Call {
    final String thread;

    Call(String thread) {
      this.thread = thread;
    }
  }

  private final class Member extends Thread {
    final Call call;

    Member(String name) {
      super(name);
      call = new Call(name);
      setDaemon(true);
    }

    boolean isOf(LoopThreads threads) {
      return LoopThreads.this == threads;
    }

    boolean hasEnded() {
      return getState() == State.TERMINATED;
    }

    @Override
    public void run() {
      boolean leads = holder.get() == this || standBy();
      while (leads) {
        boolean lost = iterations.getAsBoolean();
        leads = lost && standby.compareAndSet(Standby.IS_STUCK, Standby.RESTS) && standBy();
      }
    }

    /** Returns true when it has taken the loop over, and false when it is to end. */
    private boolean standBy() {
      while (true) {
        Standby now = standby.get();
        if (now == Standby.WATCHES) {
          if (watch()) {
            return true;
          }
        } else if (now == Standby.RESTS) {
          if (pause(REST_NANOS) && standby.compareAndSet(Standby.RESTS, Standby.NONE)) {
            return false;
          }
        } else {
          return false;
        }
      }
    }

    /** Returns true when it has taken the loop over, and false when it is not to watch any more. */
    private boolean watch() {
      long firstSeen = calls.get();
      long seen = firstSeen;
      int ticks = 0;
      while (true) {
        boolean wholeTick = pause(TICK_NANOS);
        if (standby.get() != Standby.WATCHES) {
          return false;
        }
        long now = calls.get();
        if (wholeTick && now == seen && takeOver()) {
          return true;
        }
        seen = now;
        ticks++;
        if (ticks == TICKS_TO_JUDGE) {
          if (now - firstSeen < FEW) {
            tellLoop(rest);
          }
          firstSeen = now;
          ticks = 0;
        }
      }
    }

    private boolean takeOver() {
      if (!(holder.get() instanceof Call call)
          || !standby.compareAndSet(Standby.WATCHES, Standby.IS_STUCK)) {
        return false;
      } else if (holder.compareAndSet(call, this)) {
        TAKES_OVER.write(getName(), call.thread, null);
        return true;
      }
      standby.compareAndSet(Standby.IS_STUCK, Standby.WATCHES); // it has just returned
      return false;
    }

    private void tellLoop(Runnable task) {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException | OutOfMemoryError e) {
        TOLD_LATER.write(e);
      }
    }

    /** Returns whether it was that long, and not less because of something new. */
    private boolean pause(long nanos) {
      boolean unused = interrupted(); // by work of others; no sleep would last with it
      long begin = System.nanoTime();
      LockSupport.parkNanos(LoopThreads.this, nanos);
      return System.nanoTime() - begin >= nanos;
    }
  }
}
