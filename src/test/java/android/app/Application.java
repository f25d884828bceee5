package android.app;

import android.os.Bundle;
import java.util.ArrayList;
import java.util.List;

/** Stands in for Android's: tells those who asked what a test lets its activities go through. */
public class Application {
  /** The same as Android's. */
  public interface ActivityLifecycleCallbacks {
    void onActivityCreated(Activity activity, Bundle savedInstanceState);

    void onActivityStarted(Activity activity);

    void onActivityResumed(Activity activity);

    void onActivityPaused(Activity activity);

    void onActivityStopped(Activity activity);

    void onActivitySaveInstanceState(Activity activity, Bundle outState);

    void onActivityDestroyed(Activity activity);
  }

  private final List<ActivityLifecycleCallbacks> callbacks = new ArrayList<>();

  public void onCreate() {}

  public void registerActivityLifecycleCallbacks(ActivityLifecycleCallbacks callback) {
    callbacks.add(callback);
  }

  /** Returns an activity that was created. */
  public Activity create() {
    Activity activity = new Activity();
    callbacks.forEach(told -> told.onActivityCreated(activity, null));
    return activity;
  }

  public void start(Activity activity) {
    callbacks.forEach(told -> told.onActivityStarted(activity));
  }

  public void resume(Activity activity) {
    callbacks.forEach(told -> told.onActivityResumed(activity));
  }

  public void pause(Activity activity) {
    callbacks.forEach(told -> told.onActivityPaused(activity));
  }

  public void stop(Activity activity) {
    callbacks.forEach(told -> told.onActivityStopped(activity));
    callbacks.forEach(told -> told.onActivitySaveInstanceState(activity, null));
  }

  public void destroy(Activity activity) {
    callbacks.forEach(told -> told.onActivityDestroyed(activity));
  }
}
