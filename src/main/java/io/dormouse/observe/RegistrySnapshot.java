package io.dormouse.observe;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import java.util.List;

/**
 * A registry at one moment. Only the library makes these. Its text is a table of 60 columns without
 * colours, for a log or a terminal: a line for each connection, and under it why it is not open, if
 * attempts have failed.
 */
public interface RegistrySnapshot {
  /** {@return where the app is} */
  AppState appState();

  /** {@return the registry's connections, in order of registration} Can't be changed. */
  List<ConnectionSnapshot> connections();

  /**
   * {@return the names of its live long-running tasks, in order of their start} Can't be changed.
   */
  List<String> tasks();

  /** {@return the sum of {@link ConnectionSnapshot#handshakes()}} */
  default long handshakes() {
    return connections().stream().mapToLong(ConnectionSnapshot::handshakes).sum();
  }

  /** {@return the sum of {@link ConnectionSnapshot#resumedHandshakes()}} */
  default long resumedHandshakes() {
    return connections().stream().mapToLong(ConnectionSnapshot::resumedHandshakes).sum();
  }

  /**
   * {@return how many connections are in this state}
   *
   * @param state which is counted
   */
  default long count(ConnectionState state) {
    return connections().stream().filter(connection -> connection.state() == state).count();
  }
}
