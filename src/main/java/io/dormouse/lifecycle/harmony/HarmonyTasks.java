package io.dormouse.lifecycle.harmony;

import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Long-running tasks that the system knows of: one that is started here is requested from the
 * system first, ends when the system takes it back, and is given back when it has ended and its
 * connections are closed. One object for each UIAbility.
 *
 * <p>A transient task goes through these states:
 *
 * <pre>{@code
 *          the system warns         2 s later
 * LIVE ---------------------> LAST ----------> ended (EXPIRED) --> connections closed --> given back
 *  |                            |                    ^
 *  '---- close(), revoke() -----'--------------------'
 * }</pre>
 *
 * so that the connections have 4 s, the default of the registry's suspend budget, until the system
 * suspends or ends an app that has not given its task back. The system counts a transient task's
 * time in the background only; so its end is taken from the system's warning, and from no clock
 * here.
 *
 * <p>A continuous task has no limit; it is revoked when the system or the user ends it.
 *
 * <p>Constants are the limits of <a
 * href="https://gitee.com/openharmony/docs/blob/master/en/application-dev/task-management/transient-task.md">transient</a>
 * and <a
 * href="https://gitee.com/openharmony/docs/blob/master/en/application-dev/task-management/continuous-task.md">continuous
 * tasks</a>. The system has the last word on each.
 */
public final class HarmonyTasks {
  /** How many transient tasks may be live at the same time. */
  public static final int MAX_TRANSIENT_TASKS = 3;

  /** How long one transient task may last in the background. */
  public static final Duration TRANSIENT_LIMIT = Duration.ofMinutes(3);

  /** The same while the battery is low. */
  public static final Duration TRANSIENT_LIMIT_LOW_BATTERY = Duration.ofMinutes(1);

  /** How long all transient tasks of a day may last together, as a rule. */
  public static final Duration TRANSIENT_QUOTA_PER_DAY = Duration.ofMinutes(10);

  /** How long before its end the system warns of it. */
  public static final Duration TRANSIENT_WARNING = Duration.ofSeconds(6);

  /** How long an app without a task runs in the background at least; at most, it is 12 s. */
  public static final Duration TIME_WITHOUT_TASK = Duration.ofSeconds(6);

  /**
   * How many continuous tasks one UIAbility may have at the same time. Since API version 21 the
   * system has a second method that grants more; it is not used here.
   */
  public static final int MAX_CONTINUOUS_TASKS = 1;

  /**
   * After so long without progress in its notification the system cancels a continuous task for
   * data transfer.
   */
  public static final Duration CONTINUOUS_WITHOUT_PROGRESS = Duration.ofMinutes(10);

  /** From the system's warning to the end of a task: what is left then is the suspend budget's. */
  static final Duration LAST_TIME = TRANSIENT_WARNING.minus(Duration.ofSeconds(4));

  private final LifecycleFollower registry;
  private final BackgroundTaskManager system;
  private final Semaphore transientTasks = new Semaphore(MAX_TRANSIENT_TASKS);
  private final Semaphore continuousTasks = new Semaphore(MAX_CONTINUOUS_TASKS);

  /**
   * Creates the tasks of one UIAbility.
   *
   * @param registry whose connections the tasks keep open
   * @param system the bridge to the system
   */
  public HarmonyTasks(LifecycleFollower registry, BackgroundTaskManager system) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.system = Objects.requireNonNull(system, "system");
  }

  /**
   * Requests a transient task from the system, and starts one that lasts as long. In the
   * foreground, or in the hook {@code onBackground}; the system refuses at other times.
   *
   * <p>Its {@link LongRunningTask#remaining()} is what the system says. {@link
   * TaskOptions#onExpiring} is called when the system warns, 2 s before the connections begin to
   * close. {@link TaskOptions#atMost} may end it sooner.
   *
   * @param reason its name, for the system too; not blank
   * @param options what it covers, and the app's callbacks
   * @return the task, live
   * @throws IllegalArgumentException if the reason is blank or a covered connection is not
   *     registered
   * @throws IllegalStateException if {@link #MAX_TRANSIENT_TASKS} are live, or the registry is
   *     closed
   */
  public LongRunningTask startTransient(String reason, Consumer<? super TaskOptions> options) {
    TransientTask task = new TransientTask(registry, system, reason, options);
    return startWithin(transientTasks, MAX_TRANSIENT_TASKS + " transient tasks are live", task);
  }

  /**
   * Requests a continuous task from the system, and starts one that lasts until it is closed, or
   * until the system or the user ends the system's. Then it is revoked. An app to which the system
   * says that it only suspends the task ({@code on('continuousTaskSuspend')}, since API version 20)
   * calls {@link LongRunningTask#revoke()} itself, since it is suspended too.
   *
   * @param name its name; not blank
   * @param options what it covers, and the app's callbacks
   * @return the task, live
   * @throws IllegalArgumentException if the name is blank or a covered connection is not registered
   * @throws IllegalStateException if one is live, or the registry is closed
   */
  public LongRunningTask startContinuous(String name, Consumer<? super TaskOptions> options) {
    ContinuousTask task = new ContinuousTask(registry, system, name, options);
    return startWithin(continuousTasks, "a continuous task is live", task);
  }

  private static LongRunningTask startWithin(Semaphore places, String full, SystemTask task) {
    if (!places.tryAcquire()) {
      throw new IllegalStateException(
          task.name() + ": " + full + ", and the system grants no more to one UIAbility");
    }
    task.start(places::release);
    return task;
  }
}
