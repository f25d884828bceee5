package io.dormouse.engine;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import java.util.ArrayList;
import java.util.List;

/** A lifecycle that goes where the test says, settling included. */
final class ScriptedLifecycle implements AppLifecycle {
  private final List<LifecycleListener> listeners = new ArrayList<>();
  private AppState state = AppState.UNKNOWN;
  private boolean settling;

  /** Runs on each call of the engine's. */
  Runnable whenCalled = () -> {};

  void front() {
    state = AppState.FOREGROUND;
    settling = false;
    List.copyOf(listeners).forEach(LifecycleListener::onForeground);
  }

  void settling() {
    settling = true;
    List.copyOf(listeners).forEach(LifecycleListener::onSettling);
  }

  void back() {
    state = AppState.BACKGROUND;
    settling = false;
    List.copyOf(listeners).forEach(LifecycleListener::onBackground);
  }

  void terminate() {
    state = AppState.TERMINATED;
    settling = false;
    List.copyOf(listeners).forEach(LifecycleListener::onTerminate);
  }

  /** Where it is, for the test to ask. */
  AppState now() {
    return state;
  }

  int listeners() {
    return listeners.size();
  }

  @Override
  public AppState state() {
    whenCalled.run();
    return state;
  }

  @Override
  public boolean isSettling() {
    whenCalled.run();
    return settling;
  }

  @Override
  public void addListener(LifecycleListener listener) {
    whenCalled.run();
    listeners.add(listener);
  }

  @Override
  public void removeListener(LifecycleListener listener) {
    whenCalled.run();
    listeners.remove(listener);
  }
}
