package io.dormouse.lifecycle;

import java.util.ArrayList;
import java.util.List;

/** Remembers what it was told, and on how many threads at once. */
public final class LifecycleLog implements LifecycleListener {
  private final List<String> events = new ArrayList<>();
  private boolean inside;
  private int overlaps;

  public static LifecycleLog on(AppLifecycle lifecycle) {
    LifecycleLog log = new LifecycleLog();
    lifecycle.addListener(log);
    return log;
  }

  public List<String> events() {
    if (overlaps > 0) {
      throw new AssertionError("told by two threads at once");
    }
    return events;
  }

  private void add(String event) {
    if (inside) {
      overlaps++;
    }
    inside = true;
    events.add(event);
    inside = false;
  }

  @Override
  public void onForeground() {
    add("foreground");
  }

  @Override
  public void onBackground() {
    add("background");
  }

  @Override
  public void onSettling() {
    add("settling");
  }

  @Override
  public void onTerminate() {
    add("terminate");
  }
}
