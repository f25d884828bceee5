package io.dormouse.lifecycle;

/** Runs the same action on every change, for those who read the state afterwards. */
record AnyChange(Runnable action) implements LifecycleListener {
  @Override
  public void onForeground() {
    action.run();
  }

  @Override
  public void onBackground() {
    action.run();
  }

  @Override
  public void onSettling() {
    action.run();
  }

  @Override
  public void onTerminate() {
    action.run();
  }
}
