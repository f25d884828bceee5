package io.dormouse.tls;

import io.dormouse.connection.CloseReason;
import java.io.IOException;

/** TLS has failed, or what lies below it while it was being agreed on. */
public final class TlsException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient CloseReason reason;

  TlsException(CloseReason reason, Throwable cause) {
    super(reason.detail(), cause);
    this.reason = reason;
  }

  /** Returns why the connection is over. */
  public CloseReason reason() {
    return reason;
  }
}
