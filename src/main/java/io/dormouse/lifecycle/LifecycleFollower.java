package io.dormouse.lifecycle;

import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What follows a lifecycle and holds sockets, as the adapters of the platforms see it. {@code
 * io.dormouse.ConnectionRegistry} is one, and says of each method what it does; apps hand it to an
 * adapter and need not know this type.
 *
 * <p>All methods are safe from any thread.
 */
public interface LifecycleFollower extends AutoCloseable {
  /**
   * Starts a long-running task.
   *
   * @param name for reports and logs; not blank
   * @param options says what it covers and how long it may last
   * @return the task, live
   */
  LongRunningTask startTask(String name, Consumer<? super TaskOptions> options);

  /** {@return the registered connections, in order of registration} */
  List<Connection> connections();

  /**
   * Returns a future that completes when nothing is being closed any more.
   *
   * @return a future that never fails
   */
  CompletableFuture<?> settled();

  /**
   * Waits until nothing is being closed any more.
   *
   * @param timeout how long to wait at most; positive
   * @return whether it has settled; false also if the thread was interrupted, whose flag is then
   *     set
   */
  boolean awaitSettled(Duration timeout);

  /**
   * Returns who holds a socket now, each with its state and the task that keeps it open.
   *
   * @return texts for a person; empty if nobody does
   */
  List<String> stillOpen();

  /** Closes everything for good, and waits for that. */
  @Override
  void close();
}
