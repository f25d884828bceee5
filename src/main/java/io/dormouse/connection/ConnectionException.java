package io.dormouse.connection;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something a connection could not do. The message names the connection first. */
public class ConnectionException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Which connection. */
  private final String connectionName;

  /**
   * Creates an exception whose message is {@code connectionName: problem}.
   *
   * @param connectionName which connection
   * @param problem what went wrong, and the remedy
   * @param cause why; may be null
   */
  public ConnectionException(String connectionName, String problem, @Nullable Throwable cause) {
    super(Objects.requireNonNull(connectionName, "connectionName") + ": " + problem, cause);
    this.connectionName = connectionName;
  }

  /** {@return the name of the connection} */
  public final String connectionName() {
    return connectionName;
  }
}
