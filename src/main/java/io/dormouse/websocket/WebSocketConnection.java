package io.dormouse.websocket;

import io.dormouse.connection.Connection;
import java.util.Optional;

/**
 * A WebSocket that sleeps in the background and wakes in the foreground, with a new handshake. On
 * its way to sleep it says 1001 (going away), on {@link #close()} 1000 (normal closure).
 */
public interface WebSocketConnection extends Connection, WebSocketSender {
  /** Returns the subprotocol that the server chose; empty if none, or if not open. */
  Optional<String> subprotocol();

  /**
   * Returns the server's answer to the handshake of the socket that is open; empty if not open. Why
   * a handshake was refused is told by the {@link io.dormouse.connection.CloseReason}.
   */
  Optional<HandshakeResponse> handshakeResponse();

  /**
   * Closes the connection for good, like {@link #close()}, with a code and reason for the server.
   *
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4)
   * @param reason at most 123 bytes in UTF-8
   * @throws IllegalArgumentException if the code may not be sent, or the reason is longer
   */
  void close(int code, String reason);
}
