package io.dormouse.engine;

import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Starts long-running tasks, and hears of their ends. Any thread. */
final class Tasks {
  private final Reconciler reconciler;
  private final Directory directory;
  private final Wanted wanted;
  private final Consumer<Lease> ended = this::ended; // made beforehand: no end may be lost

  Tasks(Reconciler reconciler, Directory directory, Wanted wanted) {
    this.reconciler = reconciler;
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
    Environment environment = reconciler.environment();
    Lease lease =
        new Lease(
            name,
            covered,
            options,
            environment.loop(),
            environment.callbacks().serial("task " + name),
            wanted::remove,
            this::onEnded);
    wanted.add(lease);
    try {
      environment.loop().execute(() -> started(lease));
    } catch (Throwable e) { // no memory: nobody has the task, nor could end it
      wanted.remove(lease);
      throw e;
    }
    return lease;
  }

  /** Who found it in the list may have ended it before, and then it has been told already. */
  private void started(Lease lease) {
    if (lease.begin()) {
      lease.startClock();
      reconciler.onTaskStarted(lease);
    }
  }

  private void onEnded(Lease lease) {
    reconciler.tasks().executeSurely(ended, lease);
  }

  private void ended(Lease lease) {
    started(lease);
    lease.stopClock();
    reconciler.onTaskEnded(lease);
    lease.tellEnded();
  }
}
