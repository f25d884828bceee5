package io.dormouse.http;

import io.dormouse.ConnectionRegistry;
import io.dormouse.engine.Engine;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import java.lang.reflect.Field;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/** A lifecycle that the app drives, with a way to hold the registry's loop where it asks for it. */
final class HeldLifecycle implements AppLifecycle {
  private final ManualAppLifecycle manual = new ManualAppLifecycle();
  private volatile CountDownLatch release = new CountDownLatch(0);

  void onForeground() {
    manual.onForeground();
  }

  void onBackground() {
    manual.onBackground();
  }

  void onTerminate() {
    manual.onTerminate();
  }

  /**
   * From now on the loop of this registry stands still. What it had to do before it has done: else
   * that would see what the app does next.
   */
  void holdLoop(ConnectionRegistry registry) {
    CountDownLatch here = new CountDownLatch(1);
    CountDownLatch until = new CountDownLatch(1);
    release = until;
    loopOf(registry)
        .execute(
            () -> {
              here.countDown();
              Await.hold(until);
            });
    Await.latch(here);
  }

  private static Executor loopOf(ConnectionRegistry registry) {
    try {
      Field engine = ConnectionRegistry.class.getDeclaredField("engine");
      engine.setAccessible(true);
      return ((Engine) engine.get(registry)).environment().loop();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Waits until the loop has done what it had to do before. */
  void awaitLoop(ConnectionRegistry registry) {
    CountDownLatch here = new CountDownLatch(1);
    loopOf(registry).execute(here::countDown);
    Await.latch(here);
  }

  void releaseLoop() {
    release.countDown();
  }

  @Override
  public AppState state() {
    return manual.state();
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
