package io.dormouse.lifecycle;

/**
 * A lifecycle that the app drives from its own hooks. It begins as {@link AppState#UNKNOWN}. Each
 * method may be called from any thread, any number of times; what is already so stays so.
 *
 * <p>When a hook returns, every listener has been told, unless another thread was in the middle of
 * telling: then that thread tells them.
 */
public final class ManualAppLifecycle extends LifecycleSource {
  /** Creates a lifecycle whose state is {@link AppState#UNKNOWN}. */
  public ManualAppLifecycle() {
    super(Phase.UNKNOWN);
  }

  /** The app came to the front. Does nothing after {@link #onTerminate()}. */
  public void onForeground() {
    update(phase -> Phase.FOREGROUND);
  }

  /** The app went to the background. Does nothing after {@link #onTerminate()}. */
  public void onBackground() {
    update(phase -> Phase.BACKGROUND);
  }

  /** The app is ending: a registry on this lifecycle closes for good. */
  public void onTerminate() {
    update(phase -> Phase.TERMINATED);
  }
}
