package io.dormouse.callbacks;

import io.dormouse.loop.Loop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs one connection's callbacks where they cost least: those that the loop hands in on the thread
 * that has the loop, as long as they are quick, and all others on workers. Any thread.
 */
final class InlineCalls implements Executor {
  /** From here on a change of thread costs little beside the callback itself. */
  private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** So many quick ones make up for one that was slow, since the system may hold any thread up. */
  private static final int WEIGHT_OF_SLOW = 100;

  /** From here on it goes to the workers; one that is very slow weighs as much. */
  private static final int MOST_WEIGHT = 3 * WEIGHT_OF_SLOW;

  private static final long VERY_SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** So many go to the workers before it is tried again. */
  private static final int AWAY = 1_000;

  private final Loop loop;
  private final Executor workers;
  private final AtomicInteger weight = new AtomicInteger();
  private final AtomicInteger away = new AtomicInteger();

  InlineCalls(Loop loop, Executor workers) {
    this.loop = loop;
    this.workers = workers;
  }

  @Override
  public void execute(Runnable callbacks) {
    if (loop.inLoop() && isTrusted()) {
      loop.lendThread(() -> runAndJudge(callbacks), workers);
    } else {
      workers.execute(callbacks);
    }
  }

  private boolean isTrusted() {
    return away.get() == 0 || away.decrementAndGet() == 0;
  }

  private void runAndJudge(Runnable callbacks) {
    long begin = loop.nanoTime();
    callbacks.run();
    long took = loop.nanoTime() - begin;
    if (took < SLOW_NANOS) {
      if (weight.get() > 0) {
        weight.decrementAndGet();
      }
    } else {
      int more = took < VERY_SLOW_NANOS ? WEIGHT_OF_SLOW : MOST_WEIGHT;
      if (weight.addAndGet(more) >= MOST_WEIGHT) {
        weight.set(MOST_WEIGHT - WEIGHT_OF_SLOW); // so that after the next try one is enough
        away.set(AWAY);
      }
    }
  }
}
