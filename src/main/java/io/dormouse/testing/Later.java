package io.dormouse.testing;

import io.dormouse.loop.Loop;
import java.util.concurrent.RejectedExecutionException;

/** What is to be done on a loop, in its time, unless it has ended by then. Any thread. */
final class Later {
  private final Loop loop;
  private int pending;

  Later(Loop loop) {
    this.loop = loop;
  }

  /** Runs something in a later iteration. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // Nothing happens any more.
    }
  }

  /** Runs something after so long. */
  void after(long nanos, Runnable task) {
    if (!loop.inLoop()) {
      execute(() -> after(nanos, task));
      return;
    }
    pending++;
    Loop.Timer unused =
        loop.schedule(
            nanos,
            () -> {
              pending--;
              task.run();
            });
  }

  /** Returns how many timers wait. */
  int pending() {
    return pending;
  }
}
