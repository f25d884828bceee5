package io.dormouse.support;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A lifecycle as an app may write it: synchronized, and it tells its listeners under its lock. */
public final class SynchronizedLifecycle implements AppLifecycle {
  private final List<LifecycleListener> listeners = new ArrayList<>();
  private AppState state = AppState.UNKNOWN;

  /** What {@link #state()} throws; null for nothing. */
  public volatile RuntimeException failure;

  /** What {@link #addListener} throws; null for nothing. */
  public volatile RuntimeException refusal;

  /** How often it was asked. */
  public final AtomicInteger asked = new AtomicInteger();

  /** Runs inside {@link #state()}, without the lock. */
  public volatile Runnable whenAsked = () -> {};

  /** Goes there, and tells under the lock. */
  public synchronized void goTo(AppState next) {
    state = next;
    tell(next);
  }

  /** Changes the state and tells nobody yet. */
  public synchronized void setSilently(AppState next) {
    state = next;
  }

  /** Tells what need not be so any more. */
  public void tell(AppState told) {
    for (LifecycleListener listener : copy()) {
      switch (told) {
        case FOREGROUND -> listener.onForeground();
        case BACKGROUND -> listener.onBackground();
        case TERMINATED -> listener.onTerminate();
        case UNKNOWN -> throw new AssertionError("there is no such call");
      }
    }
  }

  private synchronized List<LifecycleListener> copy() {
    return List.copyOf(listeners);
  }

  /** Returns how many listen. */
  public synchronized int listeners() {
    return listeners.size();
  }

  @Override
  public AppState state() {
    asked.incrementAndGet();
    whenAsked.run();
    if (failure != null) {
      throw failure;
    }
    synchronized (this) {
      return state;
    }
  }

  @Override
  public void addListener(LifecycleListener listener) {
    if (refusal != null) {
      throw refusal;
    }
    synchronized (this) {
      listeners.add(listener);
    }
  }

  @Override
  public synchronized void removeListener(LifecycleListener listener) {
    listeners.remove(listener);
    if (refusal != null) {
      throw refusal;
    }
  }
}
