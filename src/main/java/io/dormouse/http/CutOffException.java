package io.dormouse.http;

import io.dormouse.connection.ConnectionException;

/**
 * A call, or the reading of its response, was cut off since its connection was suspended, paused or
 * closed before it was done. The server may have acted on the request, so it is for repeating only
 * if that does no harm. Calls that must not be cut off need a long-running task that covers the
 * connection.
 */
public final class CutOffException extends ConnectionException {
  private static final long serialVersionUID = 1L;

  CutOffException(String connectionName, String problem, Throwable cause) {
    super(connectionName, problem, cause);
  }
}
