package io.dormouse.testing;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Keeps what is handed in until whoever lets time pass runs it, in order. Any thread hands in; one
 * at a time runs.
 */
final class TaskQueue implements Executor {
  /** Where so many run at one time, each hands in the next, and there is no end. */
  private static final int MOST_AT_ONE_TIME = 1_000_000;

  private final boolean nested;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private int running;

  /**
   * Creates one.
   *
   * @param nested whether others run while one lets time pass, as on several threads; else they
   *     wait for its end, as on one
   */
  TaskQueue(boolean nested) {
    this.nested = nested;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Returns whether one of them runs now. */
  boolean isRunning() {
    return running > 0;
  }

  /** Runs all, with those that are added meanwhile. Returns whether there was any. */
  boolean runAll() {
    int count = 0;
    while (nested || !isRunning()) {
      Runnable next = tasks.poll();
      if (next == null) {
        break;
      } else if (++count > MOST_AT_ONE_TIME) {
        throw new AssertionError("not idle after " + MOST_AT_ONE_TIME + " tasks at one time");
      }
      running++;
      try {
        next.run();
      } finally {
        running--;
      }
    }
    return count > 0;
  }
}
