package io.dormouse.connection;

/** What a connection speaks. */
public enum ConnectionKind {
  /** Calls of an {@code OkHttpClient}, over a pool of sockets. */
  HTTP,
  /** One TCP stream. */
  TCP,
  /** One UDP socket. */
  UDP,
  /** One WebSocket (RFC 6455). */
  WEBSOCKET
}
