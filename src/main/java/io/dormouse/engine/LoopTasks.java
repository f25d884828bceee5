package io.dormouse.engine;

import io.dormouse.loop.Loop;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands tasks to the loop, which may have ended, or have no memory for them. Any thread. */
final class LoopTasks {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");

  private final Loop loop;
  private final Loop.Signal lookAtAll;

  /**
   * Creates one.
   *
   * @param lookAtAll does at least as much as any task that must not be lost
   */
  LoopTasks(Loop loop, Runnable lookAtAll) {
    this.loop = loop;
    this.lookAtAll = loop.signal(lookAtAll);
  }

  /** Runs a task on the loop; returns false if that has ended. */
  boolean execute(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      log.debug("the registry has ended, nothing is left to do", e);
      return false;
    }
  }

  /**
   * Runs on the loop what must not be lost where there is no memory: what can't be handed over, or
   * be done, a look at everything makes up for.
   *
   * @param action made beforehand
   */
  <T> void executeSurely(Consumer<T> action, T of) {
    try {
      execute(() -> runSurely(action, of));
    } catch (OutOfMemoryError e) {
      lookAtAll.raise();
    }
  }

  /** The same for a task that was made beforehand. */
  void executeSurely(Runnable task) {
    executeSurely(Runnable::run, task);
  }

  /**
   * Runs on the loop what a look at everything can't make up for, since only the task knows of it:
   * where there is no memory it is done again. Returns false if the loop has ended.
   */
  boolean executeUntilDone(Runnable task) {
    return execute(untilDone(task));
  }

  /** Returns a task for the loop that is done again until there was memory for all of it. */
  Runnable untilDone(Runnable task) {
    Runnable once =
        () -> {
          try {
            task.run();
          } catch (OutOfMemoryError e) {
            lookAtAll.raise(); // for what it has left half done
            throw e;
          }
        };
    Loop.Signal again = loop.signal(once); // which does it again by itself
    return () -> {
      try {
        once.run();
      } catch (OutOfMemoryError e) {
        again.raise();
      }
    };
  }

  private <T> void runSurely(Consumer<T> action, T of) {
    try {
      action.accept(of);
    } catch (OutOfMemoryError e) {
      lookAtAll.raise();
    }
  }
}
