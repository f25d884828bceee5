package io.dormouse.lifecycle.android;

import android.app.Application;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import io.dormouse.lifecycle.AppLifecycle;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What a registry takes from Android:
 *
 * <pre>{@code
 * // in Application.onCreate()
 * registry =
 *     ConnectionRegistry.builder(AndroidPlatform.lifecycle(this))
 *         .callbackExecutor(AndroidPlatform.mainThread())
 *         .sleepAwareClock(AndroidPlatform.elapsedRealtime())
 *         .build();
 * }</pre>
 *
 * <p>None of it blocks the main thread: the hooks hand over and return, and the registry closes its
 * connections on its own thread, long before a cached process is frozen, which is <a
 * href="https://source.android.com/docs/core/perf/cached-apps-freezer">10 s</a> after it became
 * one. So nobody waits for {@code awaitSettled} on the main thread.
 */
public final class AndroidPlatform {
  private AndroidPlatform() {}

  /**
   * Returns a lifecycle that is in the foreground while any activity of this process is started, as
   * androidx's {@code ProcessLifecycleOwner} counts them: activities on top, behind a dialog,
   * beside another app, and in a picture of their own. It goes to the background when the last one
   * has stopped, but not sooner than 700 ms after that was paused, so that a rotation of the screen
   * is no background; within that time it {@linkplain AppLifecycle#isSettling() settles}. It goes
   * to the foreground at once.
   *
   * <p>It is {@linkplain io.dormouse.lifecycle.AppState#UNKNOWN unknown}, which counts as in the
   * background, until the first activity starts: for a process that a push message or a job has
   * started, that may be never. It never terminates, since Android tells no app of its end.
   *
   * <p>To be called once, in {@link Application#onCreate()}, on the main thread: activities that
   * were started before are seen only when they are resumed or paused the next time. It lives as
   * long as the process.
   *
   * @param application the app's own
   * @return a lifecycle that is told on the main thread
   * @see <a
   *     href="https://developer.android.com/reference/androidx/lifecycle/ProcessLifecycleOwner">ProcessLifecycleOwner</a>
   */
  @SuppressWarnings("exports") // Android's classes are in no module
  public static AppLifecycle lifecycle(Application application) {
    StartedActivities activities = new StartedActivities(new Handler(Looper.getMainLooper()));
    application.registerActivityLifecycleCallbacks(activities);
    return activities.lifecycle();
  }

  /**
   * Returns an executor that runs on the app's main thread, after what that has to do already. For
   * {@code ConnectionRegistry.Builder.callbackExecutor}, when callbacks touch views. A callback
   * that blocks there blocks the app; the registry itself goes on.
   *
   * @return an executor that throws {@link RejectedExecutionException} when the main thread ends
   */
  public static Executor mainThread() {
    Handler main = new Handler(Looper.getMainLooper());
    return task -> {
      if (!main.post(task)) {
        throw new RejectedExecutionException("the main thread's looper is ending");
      }
    };
  }

  /**
   * Returns {@link SystemClock#elapsedRealtime()} in nanoseconds, which goes on in deep sleep as
   * {@link System#nanoTime()} does not. For {@code ConnectionRegistry.Builder.sleepAwareClock}.
   *
   * @return a clock for any thread, as coarse as a millisecond
   * @see <a href="https://developer.android.com/reference/android/os/SystemClock">SystemClock</a>
   */
  public static LongSupplier elapsedRealtime() {
    return () -> TimeUnit.MILLISECONDS.toNanos(SystemClock.elapsedRealtime());
  }
}
