package io.dormouse.engine;

import io.dormouse.log.LogLine;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** Tells several observers, whatever one of them throws. */
final class Observers implements Observer {
  private static final LogLine OBSERVER_THREW =
      LogLine.appError(LoggerFactory.getLogger("io.dormouse.registry"), "an observer threw");

  private final CopyOnWriteArrayList<Observer> observers = new CopyOnWriteArrayList<>();

  /** Adds one, unless it is there. Any thread. */
  void add(Observer observer) {
    observers.addIfAbsent(observer);
  }

  /** Removes the one that stands for this observer of the app's. Any thread. */
  void remove(RegistryObserver observer) {
    for (Observer each : observers) {
      if (each instanceof AppObserver its && its.isFor(observer) && observers.remove(its)) {
        its.leave();
      }
    }
  }

  private void tell(Consumer<Observer> what) {
    for (Observer observer : observers) {
      try {
        what.accept(observer);
      } catch (Throwable e) { // a logger of the app's may throw, and no step may fail for it
        OBSERVER_THREW.write(e);
      }
    }
  }

  @Override
  public void onStep(Step step) {
    tell(observer -> observer.onStep(step));
  }

  @Override
  public void onSuspending() {
    tell(Observer::onSuspending);
  }

  @Override
  public void onSuspended(SuspendReport report, List<String> offenders) {
    tell(observer -> observer.onSuspended(report, offenders));
  }

  @Override
  public void onResuming() {
    tell(Observer::onResuming);
  }

  @Override
  public void onResumed(ResumeReport report) {
    tell(observer -> observer.onResumed(report));
  }

  @Override
  public void onTaskStarted(LongRunningTask task) {
    tell(observer -> observer.onTaskStarted(task));
  }

  @Override
  public void onTaskEnded(LongRunningTask task) {
    tell(observer -> observer.onTaskEnded(task));
  }

  @Override
  public void onEnding() {
    tell(Observer::onEnding);
  }
}
