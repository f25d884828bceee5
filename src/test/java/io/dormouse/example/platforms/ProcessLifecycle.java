package io.dormouse.example.platforms;

import androidx.lifecycle.DefaultLifecycleObserver;
import androidx.lifecycle.LifecycleOwner;
import androidx.lifecycle.ProcessLifecycleOwner;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.ManualAppLifecycle;

/** For an app that has androidx's own count already: {@code implementation(lifecycle-process)}. */
public final class ProcessLifecycle implements DefaultLifecycleObserver {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();

  /** Call it on the main thread. */
  public static AppLifecycle follow() {
    ProcessLifecycle observer = new ProcessLifecycle();
    ProcessLifecycleOwner.get().getLifecycle().addObserver(observer); // replays where the app is
    return observer.lifecycle;
  }

  @Override
  public void onStart(LifecycleOwner owner) {
    lifecycle.onForeground();
  }

  @Override
  public void onStop(LifecycleOwner owner) { // 700 ms have passed already
    lifecycle.onBackground();
  }
}
