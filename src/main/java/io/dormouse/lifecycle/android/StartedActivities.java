package io.dormouse.lifecycle.android;

import android.app.Activity;
import android.app.Application;
import android.os.Bundle;
import android.os.Handler;
import android.os.SystemClock;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The activities of this process that are started, and what that means for the app. Main thread
 * only.
 *
 * <pre>{@code
 *            started            last one stopped         700 ms after its pause
 * UNKNOWN ------------> FRONT -------------------> SETTLING -------------------> BACKGROUND
 *                        ^  ^       started            |            started          |
 *                        |  '--------------------------'                             |
 *                        '-----------------------------------------------------------'
 * }</pre>
 *
 * A set and not a count, so that an activity which is first seen when it is resumed, paused or
 * stopped can't spoil it.
 */
final class StartedActivities implements Application.ActivityLifecycleCallbacks {
  /**
   * From the last pause to the background at the soonest: {@code TIMEOUT_MS} of androidx's <a
   * href="https://developer.android.com/reference/androidx/lifecycle/ProcessLifecycleOwner">ProcessLifecycleOwner</a>.
   */
  static final long SETTLE_MILLIS = 700;

  private final Handler main;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final Set<Activity> started = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Runnable goToBackground = lifecycle::onBackground;

  /** By {@link SystemClock#uptimeMillis()}, the clock of {@link Handler#postDelayed}. */
  private long pausedMillis;

  StartedActivities(Handler main) {
    this.main = main;
  }

  AppLifecycle lifecycle() {
    return lifecycle;
  }

  @Override
  public void onActivityStarted(Activity activity) {
    isStarted(activity);
  }

  @Override
  public void onActivityResumed(Activity activity) {
    isStarted(activity);
  }

  @Override
  public void onActivityPaused(Activity activity) {
    isStarted(activity);
    pausedMillis = SystemClock.uptimeMillis();
  }

  @Override
  public void onActivityStopped(Activity activity) {
    isStopped(activity);
  }

  @Override
  public void onActivityDestroyed(Activity activity) {
    isStopped(activity);
  }

  private void isStarted(Activity activity) {
    started.add(activity);
    main.removeCallbacks(goToBackground);
    lifecycle.onForeground();
  }

  private void isStopped(Activity activity) {
    if (started.remove(activity) && started.isEmpty()) {
      long left = pausedMillis + SETTLE_MILLIS - SystemClock.uptimeMillis();
      lifecycle.onSettling();
      if (left <= 0 || !main.postDelayed(goToBackground, left)) {
        lifecycle.onBackground();
      }
    }
  }

  @Override
  public void onActivityCreated(Activity activity, @Nullable Bundle savedState) {}

  @Override
  public void onActivitySaveInstanceState(Activity activity, Bundle state) {}
}
