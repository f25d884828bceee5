package io.dormouse.engine;

import io.dormouse.lifecycle.AppState;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The one condition that decides whether a connection may be awake, and the leases that are part of
 * it. Any thread.
 */
final class Wanted {
  private final Directory directory;
  private final CopyOnWriteArrayList<Lease> leases = new CopyOnWriteArrayList<>();

  Wanted(Directory directory) {
    this.directory = directory;
  }

  /**
   * Returns whether a connection is wanted: neither it nor its registry is closed, the app has not
   * paused it, and the app is in the foreground or a live task covers it.
   *
   * @param app where the app is
   */
  boolean isWanted(ManagedConnection connection, AppState app) {
    return directory.contains(connection)
        && !connection.isPaused()
        && app != AppState.TERMINATED
        && (app == AppState.FOREGROUND || keeperOf(connection) != null);
  }

  /** Returns the first live task that covers a connection, if there is one. */
  @Nullable Lease keeperOf(ManagedConnection connection) {
    for (Lease lease : leases) {
      if (lease.covers(connection)) {
        return lease;
      }
    }
    return null;
  }

  void add(Lease lease) {
    leases.add(lease);
  }

  void remove(Lease lease) {
    leases.remove(lease);
  }

  /** Returns the live tasks, in order of their start. */
  List<LongRunningTask> tasks() {
    return List.copyOf(leases);
  }

  /** Ends every task, since the registry does. */
  void revokeAll() {
    for (Lease lease : leases) {
      lease.revoke();
    }
  }

  /** The same where the loop takes no more, on which their ends are told as a rule. */
  void revokeAllHere() {
    for (Lease lease : leases) {
      lease.revoke();
      lease.tellEnded();
    }
  }
}
