package io.dormouse.http;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;

/**
 * A call was refused since its connection is asleep: the app is in the background and no
 * long-running task covers it, or the app has paused it. It is the app's own doing and no failure
 * of the network. Nothing of the request was sent, so the call is for trying again in the
 * foreground.
 */
public final class SuspendedException extends NotOpenException {
  private static final long serialVersionUID = 1L;

  SuspendedException(String connectionName, String problem) {
    super(connectionName, ConnectionState.SUSPENDED, problem);
  }
}
