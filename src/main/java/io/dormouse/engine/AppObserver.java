package io.dormouse.engine;

import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Hands what happens to an observer of the app's, which may block. Equal to another one for the
 * same observer.
 */
final class AppObserver implements Observer {
  private final RegistryObserver observer;
  private final Executor threads;

  /**
   * Creates one.
   *
   * @param threads runs what it is given in order, never two at once, and not inside of the call
   */
  AppObserver(RegistryObserver observer, Executor threads) {
    this.observer = observer;
    this.threads = threads;
  }

  @Override
  public void onStep(Step step) {
    threads.execute(() -> observer.onStep(step));
  }

  @Override
  public void onSuspending() {
    threads.execute(observer::onSuspending);
  }

  @Override
  public void onSuspended(SuspendReport report, List<String> offenders) {
    threads.execute(() -> observer.onSuspended(report));
  }

  @Override
  public void onResuming() {
    threads.execute(observer::onResuming);
  }

  @Override
  public void onResumed(ResumeReport report) {
    threads.execute(() -> observer.onResumed(report));
  }

  @Override
  public void onTaskStarted(LongRunningTask task) {
    threads.execute(() -> observer.onTaskStarted(task));
  }

  @Override
  public void onTaskEnded(LongRunningTask task) {
    threads.execute(() -> observer.onTaskEnded(task));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AppObserver it && it.observer == observer;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(observer);
  }
}
