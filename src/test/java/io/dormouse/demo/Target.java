package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import okhttp3.HttpUrl;

/**
 * Where a connection of the demo goes.
 *
 * @param kind what is spoken there
 * @param address a URL for HTTP and WebSocket, else host and port; may hold a password or a token,
 *     so it is for connecting and not for showing
 * @param host the host alone
 * @param port the port alone
 */
record Target(ConnectionKind kind, String address, String host, int port) {
  private static final int HIGHEST_PORT = 65_535;

  /**
   * Reads what a user gave.
   *
   * @throws IllegalArgumentException if it is no such target; the message says what would be
   */
  static Target parse(ConnectionKind kind, String address) {
    return switch (kind) {
      case HTTP -> url(kind, address, "http");
      case WEBSOCKET -> url(kind, address, "ws");
      case TCP, UDP -> hostAndPort(kind, address);
    };
  }

  /** Returns the target of a server on this machine. */
  static Target local(ConnectionKind kind, int port) {
    String address = "127.0.0.1:" + port;
    return switch (kind) {
      case HTTP -> parse(kind, "http://" + address + "/");
      case WEBSOCKET -> parse(kind, "ws://" + address + "/");
      case TCP, UDP -> parse(kind, address);
    };
  }

  private static Target url(ConnectionKind kind, String address, String scheme) {
    boolean plain = address.regionMatches(true, 0, scheme + "://", 0, scheme.length() + 3);
    boolean secure = address.regionMatches(true, 0, scheme + "s://", 0, scheme.length() + 4);
    // ws and wss are http and https in all but name, and OkHttp reads only the latter.
    HttpUrl url =
        plain || secure ? HttpUrl.parse("http" + address.substring(scheme.length())) : null;
    if (url == null) {
      throw new IllegalArgumentException("a URL such as " + scheme + "://example.com/");
    }
    return new Target(kind, address, url.host(), url.port());
  }

  private static Target hostAndPort(ConnectionKind kind, String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? "" : address.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      host = ""; // an IPv6 address without brackets: nobody knows where its port begins
    }
    int port = port(address.substring(colon + 1));
    if (host.isBlank() || host.contains("/") || port < 1) {
      throw new IllegalArgumentException("host and port, such as example.com:9000 or [::1]:9000");
    }
    return new Target(kind, address, host, port);
  }

  /** Returns a port; 0 if it is none. */
  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port <= HIGHEST_PORT ? port : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
