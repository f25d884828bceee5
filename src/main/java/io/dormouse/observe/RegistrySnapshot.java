package io.dormouse.observe;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import java.util.List;
import java.util.Objects;

/**
 * A registry at one moment.
 *
 * @param appState where the app is
 * @param connections its connections, in order of registration
 * @param tasks the names of its live long-running tasks, in order of their start
 */
public record RegistrySnapshot(
    AppState appState, List<ConnectionSnapshot> connections, List<String> tasks) {
  /** Copies the lists. */
  public RegistrySnapshot {
    Objects.requireNonNull(appState, "appState");
    connections = List.copyOf(connections);
    tasks = List.copyOf(tasks);
  }

  /** Returns how many connections are in this state. */
  public long count(ConnectionState state) {
    return connections.stream().filter(connection -> connection.state() == state).count();
  }
}
