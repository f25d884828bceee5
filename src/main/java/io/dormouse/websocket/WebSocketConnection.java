package io.dormouse.websocket;

import io.dormouse.connection.Connection;
import io.dormouse.connection.TlsSession;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/**
 * A WebSocket that sleeps in the background and wakes in the foreground, with a new handshake. On
 * its way to sleep it sends close code 1001 (going away), on {@link #close()} 1000 (normal
 * closure). The server's close code and reason are in {@link
 * io.dormouse.connection.ConnectionSnapshot#lastReason()}.
 *
 * <p>When the server closes, its close frame is answered at once, and then its end of TCP is
 * awaited (RFC 6455, section 7.1.1), for at most the registry's close timeout. Until then the state
 * is still {@code OPEN}: {@code DRAINING} is the way to where the app wants the connection, and
 * this one goes where the retry policy says. What is sent meanwhile is not written, and fails with
 * the server's close as its reason, as all does that had not been written before.
 */
public interface WebSocketConnection extends Connection, WebSocketSender {
  /** {@return the URL that was configured; empty if a supplier gives it} It may hold secrets. */
  Optional<URI> url();

  /** {@return the subprotocol that the server chose; empty if none, or if not open} */
  Optional<String> subprotocol();

  /**
   * {@return the server's answer to the latest handshake, whether it opened the WebSocket or
   * refused it; empty from the beginning of an attempt until it is answered} It stays when the
   * socket ends.
   */
  Optional<HandshakeResponse> handshakeResponse();

  /** {@return the address of this side's socket; empty while there is none} */
  Optional<InetSocketAddress> localAddress();

  /** {@return the address that the socket is connected to; empty while there is none} */
  Optional<InetSocketAddress> remoteAddress();

  /** {@return what TLS agreed on for the socket; empty while there is none, or without TLS} */
  Optional<TlsSession> tlsSession();

  /**
   * Closes the connection for good, like {@link #close()}, with a code and reason for the server.
   *
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4)
   * @param reason at most 123 bytes in UTF-8
   * @throws IllegalArgumentException if the code may not be sent, or the reason is longer
   */
  void close(int code, String reason);
}
