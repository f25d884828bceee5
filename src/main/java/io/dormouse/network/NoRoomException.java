package io.dormouse.network;

import java.io.IOException;

/** The system gives no socket: too many are open, or there is no memory. */
public final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Wraps what the system said. */
  public NoRoomException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
