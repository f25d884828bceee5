package io.dormouse.task;

import io.dormouse.connection.Connection;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a {@link LongRunningTask} covers and how long it may last. The registry hands it to the app
 * when a task is started; it is used by that thread, and until the app's code returns.
 */
public interface TaskOptions {
  /**
   * Covers these connections, and those of other calls of this method: these very ones, and not
   * what is registered under their names later. If it is not called, the task covers all
   * connections, also those registered later.
   *
   * @param connections registered with the registry of the task; at least one
   * @return these options
   * @throws IllegalArgumentException if {@code connections} is empty
   */
  TaskOptions covering(Connection... connections);

  /**
   * Ends the task after this long. If this method is not called, it has no deadline.
   *
   * @param limit how long; positive
   * @return these options
   * @throws IllegalArgumentException if {@code limit} is not positive or above 365 days
   */
  TaskOptions atMost(Duration limit);

  /**
   * How long before the deadline {@link #onExpiring} is called. If this method is not called, 6 s,
   * which is what HarmonyOS gives; at once, if the whole task is shorter.
   *
   * @param lead how long before; positive
   * @return these options
   * @throws IllegalArgumentException if {@code lead} is not positive or above 365 days
   */
  TaskOptions warnBefore(Duration lead);

  /**
   * Is called once, some time before the deadline, unless the task ends earlier. If this method is
   * not called, nothing is.
   *
   * @param callback called on the callback executor, with the task
   * @return these options
   */
  TaskOptions onExpiring(Consumer<LongRunningTask> callback);

  /**
   * Is called when the task was revoked from outside. If this method is not called, nothing is.
   *
   * @param callback called on the callback executor, with the task
   * @return these options
   */
  TaskOptions onRevoked(Consumer<LongRunningTask> callback);

  /**
   * Is called once when the task has ended, in whatever way, and what no other task covers has
   * begun to close: the place to give back what the platform granted for it, such as a foreground
   * service. May be called several times; each callback is called, in this order. If this method is
   * not called, nothing is.
   *
   * @param callback called on the callback executor, with the task
   * @return these options
   */
  TaskOptions onEnded(Consumer<LongRunningTask> callback);
}
