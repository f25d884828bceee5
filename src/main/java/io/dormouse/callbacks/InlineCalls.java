package io.dormouse.callbacks;

import io.dormouse.loop.InlineRuns;
import io.dormouse.loop.Loop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Runs one connection's callbacks where they cost least: those that the loop hands in inline on the
 * loop's thread, as long as they are quick, and all others on callback threads. Any thread.
 *
 * <p>What that is worth, as a ratio to the bare loop in the same two runs of the benchmark: {@code
 * tcp.echo.64B.1} 1.62 and 1.32 with it, 1.12 and 1.04 if all go to callback threads; {@code
 * tcp.echo.64B.100} 0.78 and 0.76, 0.64 and 0.59 without; {@code ws.echo.64B.100} 0.93 and 0.85,
 * 0.71 and 0.60 without; {@code tcp.throughput.down} 0.98, 0.64 without.
 */
final class InlineCalls implements Executor {
  /** From here on a change of thread costs little beside the callback itself. */
  private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** So many quick ones make up for one that was slow, since the system may hold any thread up. */
  private static final int WEIGHT_OF_SLOW = 100;

  /** From here on all go to callback threads; one that is very slow weighs as much. */
  private static final int MOST_WEIGHT = 3 * WEIGHT_OF_SLOW;

  private static final long VERY_SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** So many go to callback threads before it is tried again; twice as many after each failure. */
  private static final int FIRST_AWAY = 1_000;

  private static final int MOST_AWAY = 1_000 * FIRST_AWAY;

  private final Loop loop;
  private final InlineRuns inline;
  private final Executor threads;

  // The time of a callback is known when the next may have been handed in, so both may come at
  // once.
  private static final AtomicIntegerFieldUpdater<InlineCalls> WEIGHT =
      AtomicIntegerFieldUpdater.newUpdater(InlineCalls.class, "weight");
  private static final AtomicIntegerFieldUpdater<InlineCalls> AWAY =
      AtomicIntegerFieldUpdater.newUpdater(InlineCalls.class, "away");
  private volatile int weight; // of those that were slow
  private volatile int away; // so many go to callback threads from now on
  private volatile int nextAway = FIRST_AWAY;

  InlineCalls(Loop loop, InlineRuns inline, Executor threads) {
    this.loop = loop;
    this.inline = inline;
    this.threads = threads;
  }

  @Override
  public void execute(Runnable callbacks) {
    if (loop.inLoop() && mayRunInline()) {
      inline.runInline(() -> runTimed(callbacks), threads);
    } else {
      threads.execute(callbacks);
    }
  }

  private boolean mayRunInline() {
    return away == 0 || AWAY.decrementAndGet(this) == 0;
  }

  private void runTimed(Runnable callbacks) {
    long begin = loop.nanoTime();
    callbacks.run();
    long took = loop.nanoTime() - begin;
    if (took >= SLOW_NANOS) {
      wasSlow(took);
    } else if (weight > 0 && WEIGHT.decrementAndGet(this) == 0) {
      nextAway = FIRST_AWAY;
    }
  }

  private void wasSlow(long nanos) {
    int more = nanos < VERY_SLOW_NANOS ? WEIGHT_OF_SLOW : MOST_WEIGHT;
    if (WEIGHT.addAndGet(this, more) >= MOST_WEIGHT) {
      weight = MOST_WEIGHT - WEIGHT_OF_SLOW; // so that after the next try one is enough
      away = nextAway;
      nextAway = Math.min(2 * nextAway, MOST_AWAY);
    }
  }
}
