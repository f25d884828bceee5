package io.dormouse.stream;

import java.io.IOException;

/** The system gives no socket: too many are open, or there is no memory. */
final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1L;

  NoRoomException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
