package io.dormouse.http;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import java.util.concurrent.CountDownLatch;

/** A lifecycle that the app drives, with a way to hold the registry's loop where it asks for it. */
final class HeldLifecycle implements AppLifecycle {
  private final ManualAppLifecycle manual = new ManualAppLifecycle();
  private volatile CountDownLatch release = new CountDownLatch(0);
  private volatile CountDownLatch reached = new CountDownLatch(0);

  void onForeground() {
    manual.onForeground();
  }

  void onBackground() {
    manual.onBackground();
  }

  void onTerminate() {
    manual.onTerminate();
  }

  /** From now on the loop stands still as soon as it has read the state. */
  void holdLoop() {
    reached = new CountDownLatch(1);
    release = new CountDownLatch(1);
  }

  /** Waits until the loop stands still. */
  void awaitHeld() {
    Await.latch(reached);
  }

  void releaseLoop() {
    release.countDown();
  }

  @Override
  public AppState state() {
    AppState read = manual.state();
    if (Thread.currentThread().getName().endsWith("-io")) {
      reached.countDown();
      Await.latch(release);
    }
    return read;
  }

  @Override
  public void addListener(LifecycleListener listener) {
    manual.addListener(listener);
  }

  @Override
  public void removeListener(LifecycleListener listener) {
    manual.removeListener(listener);
  }
}
