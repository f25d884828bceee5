package io.dormouse.lifecycle.harmony;

import java.time.Duration;

/**
 * The system's {@code backgroundTaskManager}, as far as {@link HarmonyTasks} needs it: the app
 * implements this over its bridge to ArkTS. Names and meanings are those of <a
 * href="https://gitee.com/openharmony/docs/blob/master/en/application-dev/reference/apis-backgroundtasks-kit/js-apis-resourceschedule-backgroundTaskManager.md">@ohos.resourceschedule.backgroundTaskManager</a>.
 *
 * <p>Methods may be called from any thread. What one throws, such as a {@code BusinessError} of the
 * system, reaches the caller of {@link HarmonyTasks}; what is thrown when a task is given back is
 * logged. The two callbacks that an implementation gets may be called from any thread, more than
 * once, and also late: they return at once.
 */
public interface BackgroundTaskManager {
  /**
   * Requests a transient task, in the foreground or in {@code onBackground}.
   *
   * @param reason for the system's records
   * @param onExpiring to be called when the system warns that the task is about to time out, some 6
   *     s before
   * @return what was granted
   */
  SuspendDelay requestSuspendDelay(String reason, Runnable onExpiring);

  /**
   * Returns how much of a transient task is left. The system says it in milliseconds.
   *
   * @param requestId the system's number of it
   * @return zero or more
   */
  Duration getRemainingDelayTime(int requestId);

  /**
   * Gives a transient task back.
   *
   * @param requestId the system's number of it
   */
  void cancelSuspendDelay(int requestId);

  /**
   * Requests a continuous task: of which background mode, and with which notification, is up to the
   * app.
   *
   * @param name the name of the task
   * @param onCancelled to be called when the system or the user ends it: {@code
   *     on('continuousTaskCancel')}, since API version 15
   */
  void startBackgroundRunning(String name, Runnable onCancelled);

  /** Gives the continuous task back. */
  void stopBackgroundRunning();

  /**
   * A transient task that was granted: {@code DelaySuspendInfo}.
   *
   * @param requestId the system's number of it
   * @param actualDelayTime how long it may last in the background
   */
  record SuspendDelay(int requestId, Duration actualDelayTime) {}
}
