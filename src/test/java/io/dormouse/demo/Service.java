package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import java.util.Locale;

/** What the app connects to: a row of the demo each. */
enum Service {
  API(ConnectionKind.HTTP, false),
  TELEMETRY(ConnectionKind.TCP, false),
  DISCOVERY(ConnectionKind.UDP, false),
  CHAT(ConnectionKind.WEBSOCKET, false),
  SECURE_TCP(ConnectionKind.TCP, true),
  SECURE_WS(ConnectionKind.WEBSOCKET, true);

  private final ConnectionKind kind;
  private final boolean secure;

  Service(ConnectionKind kind, boolean secure) {
    this.kind = kind;
    this.secure = secure;
  }

  /** Returns what is spoken there. */
  ConnectionKind kind() {
    return kind;
  }

  /** Returns whether that is spoken over TLS, by this library. */
  boolean isSecure() {
    return secure;
  }

  /** Returns the name of the app's connection to it. */
  String connectionName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
