package io.dormouse.udp;

import io.dormouse.connection.CloseReason;

/** An attempt did not come to a socket. */
final class AttemptFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient CloseReason reason;

  AttemptFailedException(CloseReason.Kind kind, String detail) {
    this(CloseReason.of(kind, detail));
  }

  /** Says what was tried, and what the platform threw. */
  AttemptFailedException(CloseReason.Kind kind, String attempt, Throwable cause) {
    this(CloseReason.of(kind, attempt + " failed: " + cause.getMessage(), cause));
  }

  AttemptFailedException(CloseReason reason) {
    super(reason.toString(), reason.cause().orElse(null));
    this.reason = reason;
  }

  CloseReason reason() {
    return reason;
  }
}
