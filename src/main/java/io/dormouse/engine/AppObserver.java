package io.dormouse.engine;

import io.dormouse.callbacks.SerialExecutor;
import io.dormouse.log.LogLine;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Hands what happens to an observer of the app's, which may block. Equal to another one for the
 * same observer. Loop only, but for what is marked.
 */
final class AppObserver implements Observer {
  private static final LogLine TOO_SLOW =
      LogLine.warn(
          LoggerFactory.getLogger("io.dormouse.registry"),
          "an observer is too slow: it misses what happens until half of {} calls are done");

  /** So many calls may wait, which is some 10 MB. */
  private static final int MOST_WAITING = 50_000;

  private final RegistryObserver observer;
  private final SerialExecutor threads;
  private volatile boolean removed;
  private boolean misses;

  /**
   * Creates one.
   *
   * @param threads for this observer alone
   */
  AppObserver(RegistryObserver observer, SerialExecutor threads) {
    this.observer = observer;
    this.threads = threads;
  }

  /** Returns whether it stands for this one. Any thread. */
  boolean isFor(RegistryObserver other) {
    return observer == other;
  }

  /** What waits is not told any more. Any thread. */
  void leave() {
    removed = true;
  }

  private void hand(Runnable call) {
    int waiting = threads.pending();
    if (!misses && waiting >= MOST_WAITING) {
      TOO_SLOW.write(MOST_WAITING, null, null);
    }
    misses = waiting >= (misses ? MOST_WAITING / 2 : MOST_WAITING);
    if (!misses) {
      threads.execute(
          () -> {
            if (!removed) {
              call.run();
            }
          });
    }
  }

  @Override
  public void onStep(Step step) {
    hand(() -> observer.onStep(step));
  }

  @Override
  public void onSuspending() {
    hand(observer::onSuspending);
  }

  @Override
  public void onSuspended(SuspendReport report, List<String> offenders) {
    hand(() -> observer.onSuspended(report));
  }

  @Override
  public void onResuming() {
    hand(observer::onResuming);
  }

  @Override
  public void onResumed(ResumeReport report) {
    hand(() -> observer.onResumed(report));
  }

  @Override
  public void onTaskStarted(LongRunningTask task) {
    hand(() -> observer.onTaskStarted(task));
  }

  @Override
  public void onTaskEnded(LongRunningTask task) {
    hand(() -> observer.onTaskEnded(task));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AppObserver it && it.isFor(observer);
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(observer);
  }
}
