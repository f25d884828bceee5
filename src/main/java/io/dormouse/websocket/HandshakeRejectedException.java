package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionException;

/**
 * The server has answered the handshake, and refused it. It is the {@linkplain CloseReason#cause()
 * cause} of a {@link CloseReason.Kind#HANDSHAKE_REJECTED}, for who wants to know more: what its
 * {@code WWW-Authenticate} asks for, or the cookies it has set.
 */
public final class HandshakeRejectedException extends ConnectionException {
  private static final long serialVersionUID = 1;

  private final transient HandshakeResponse response;

  HandshakeRejectedException(String connectionName, HandshakeResponse response) {
    super(
        connectionName, "the server refused the handshake with status " + response.status(), null);
    this.response = response;
  }

  /** {@return the server's answer} It may hold secrets, which no message shows. */
  public HandshakeResponse response() {
    return response;
  }
}
