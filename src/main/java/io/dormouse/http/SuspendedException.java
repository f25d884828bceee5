package io.dormouse.http;

import io.dormouse.connection.ConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * A call was refused or cut off since its connection is asleep: the app is in the background and no
 * long-running task covers it, or the app has paused it. It is the app's own doing and no failure
 * of the network; the call is for trying again in the foreground.
 */
public final class SuspendedException extends ConnectionException {
  private static final long serialVersionUID = 1L;

  SuspendedException(String connectionName, String problem, @Nullable Throwable cause) {
    super(connectionName, problem, cause);
  }
}
