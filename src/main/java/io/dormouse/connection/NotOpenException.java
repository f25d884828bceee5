package io.dormouse.connection;

import java.util.Objects;

/**
 * A send or call was refused since the connection is not open. Nothing of it was sent. {@link
 * Connection#whenOpen()} tells when to try again.
 */
public class NotOpenException extends ConnectionException {
  private static final long serialVersionUID = 1L;

  /** Where the connection was. */
  private final ConnectionState state;

  /**
   * Creates an exception.
   *
   * @param connectionName which connection
   * @param state where it is instead of open
   */
  public NotOpenException(String connectionName, ConnectionState state) {
    super(connectionName, "not open but " + Objects.requireNonNull(state) + remedy(state), null);
    this.state = state;
  }

  /**
   * Creates one that says itself what to do.
   *
   * @param connectionName which connection
   * @param state where it is instead of open
   * @param problem why, and the remedy
   */
  protected NotOpenException(String connectionName, ConnectionState state, String problem) {
    super(connectionName, problem, null);
    this.state = Objects.requireNonNull(state, "state");
  }

  /**
   * {@return one of a connection that never opens again, since its registry is closed}
   *
   * @param connectionName which connection
   * @param state where it is instead of open
   */
  public static NotOpenException inClosedRegistry(String connectionName, ConnectionState state) {
    return new NotOpenException(
        connectionName,
        state,
        "not open but " + state + "; the registry is closed, so build a new one");
  }

  /**
   * {@return one of a connection that the app has just closed, which may not be CLOSED yet}
   *
   * @param connectionName which connection
   * @param state where it is instead of open
   */
  public static NotOpenException ofClosed(String connectionName, ConnectionState state) {
    return new NotOpenException(
        connectionName,
        state,
        "not open but " + state + "; closed by the app, so register a new connection");
  }

  /**
   * {@return one of a connection that the app has paused}
   *
   * @param connectionName which connection
   * @param state where it is instead of open
   */
  public static NotOpenException ofPaused(String connectionName, ConnectionState state) {
    return new NotOpenException(
        connectionName, state, "not open but " + state + "; paused by the app; resume() opens it");
  }

  /** {@return where the connection was when it refused} */
  public final ConnectionState state() {
    return state;
  }

  private static String remedy(ConnectionState state) {
    return switch (state) {
      case CLOSED -> "; register a new connection";
      case SUSPENDED, DRAINING ->
          "; it comes back with the foreground, or with a long-running task that covers it;"
              + " whenOpen() tells when";
      case FAILED -> "; retryNow() or the next foreground tries again";
      default -> "; whenOpen() tells when it is";
    };
  }
}
