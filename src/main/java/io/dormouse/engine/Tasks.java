package io.dormouse.engine;

import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Starts long-running tasks, and hears of their ends. Any thread. */
final class Tasks {
  private final Engine engine;
  private final Directory directory;
  private final Wanted wanted;

  Tasks(Engine engine, Directory directory, Wanted wanted) {
    this.engine = engine;
    this.directory = directory;
    this.wanted = wanted;
  }

  /**
   * Starts a task.
   *
   * @param tell says what it covers and how long it may last; called before this returns
   * @throws IllegalArgumentException if it covers a connection that is not registered here
   * @throws IllegalStateException if the registry is closed
   */
  LongRunningTask start(String name, Consumer<? super TaskOptions> tell) {
    LeaseOptions options = new LeaseOptions();
    tell.accept(options);
    return directory.whileOpen(name, () -> start(name, options));
  }

  private Lease start(String name, LeaseOptions options) {
    Set<ManagedConnection> covered = new LinkedHashSet<>();
    for (Connection connection : options.covered) {
      covered.add(directory.checkRegistered(name, connection));
    }
    Environment environment = engine.environment();
    Lease lease =
        new Lease(
            name,
            covered,
            options,
            environment.loop(),
            environment.callbacks().serial("task " + name),
            this::onEnded);
    wanted.add(lease);
    environment
        .loop()
        .execute(
            () -> {
              lease.startClock();
              engine.onTaskStarted(lease);
            });
    return lease;
  }

  private void onEnded(Lease lease) {
    wanted.remove(lease);
    boolean unused =
        engine.execute(
            () -> {
              lease.stopClock();
              engine.onTaskEnded(lease);
            });
  }
}
