package io.dormouse.lifecycle;

/** In front from the beginning, and never anything else; so its listeners have nothing to hear. */
final class AlwaysForeground extends OwnLifecycle {
  static final AlwaysForeground INSTANCE = new AlwaysForeground();

  private AlwaysForeground() {}

  @Override
  Phase phase() {
    return Phase.FOREGROUND;
  }

  @Override
  public void addListener(LifecycleListener listener) {}

  @Override
  public void removeListener(LifecycleListener listener) {}
}
