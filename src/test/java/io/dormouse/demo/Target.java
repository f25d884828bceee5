package io.dormouse.demo;

import okhttp3.HttpUrl;

/**
 * Where a connection of the demo goes.
 *
 * @param service what is there
 * @param address a URL for HTTP and WebSocket, else host and port; may hold a password or a token,
 *     so it is for connecting and not for showing
 * @param host the host alone
 * @param port the port alone
 */
record Target(Service service, String address, String host, int port) {
  private static final String TLS = "tls://";
  private static final int HIGHEST_PORT = 65_535;

  /**
   * Reads what a user gave.
   *
   * @throws IllegalArgumentException if it is no such target; the message says what would be
   */
  static Target parse(Service service, String address) {
    return switch (service) {
      case API -> url(service, address, "http");
      case CHAT, SECURE_WS -> url(service, address, "ws");
      case SECURE_TCP -> hostAndPort(service, address, address.substring(TLS.length()));
      case TELEMETRY, DISCOVERY -> hostAndPort(service, address, address);
    };
  }

  /** Whether an address says that TLS is spoken there. */
  static boolean isSecure(String address) {
    return startsWith(address, TLS) || startsWith(address, "wss://");
  }

  private static boolean startsWith(String address, String scheme) {
    return address.regionMatches(true, 0, scheme, 0, scheme.length());
  }

  /** Returns the target of a server on this machine. */
  static Target local(Service service, int port) {
    String address = "127.0.0.1:" + port;
    return switch (service) {
      case API -> parse(service, "http://" + address + "/");
      case CHAT -> parse(service, "ws://" + address + "/");
      case SECURE_WS -> parse(service, "wss://" + address + "/");
      case SECURE_TCP -> parse(service, TLS + address);
      case TELEMETRY, DISCOVERY -> parse(service, address);
    };
  }

  private static Target url(Service service, String address, String scheme) {
    boolean plain = startsWith(address, scheme + "://");
    boolean secure = startsWith(address, scheme + "s://");
    // ws and wss are http and https in all but name, and OkHttp reads only the latter.
    HttpUrl url =
        plain || secure ? HttpUrl.parse("http" + address.substring(scheme.length())) : null;
    if (url == null) {
      throw new IllegalArgumentException("a URL such as " + scheme + "://example.com/");
    }
    return new Target(service, address, url.host(), url.port());
  }

  private static Target hostAndPort(Service service, String address, String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    String host = colon < 0 ? "" : hostAndPort.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      host = ""; // an IPv6 address without brackets: nobody knows where its port begins
    }
    int port = port(hostAndPort.substring(colon + 1));
    if (host.isBlank() || host.contains("/") || port < 1) {
      throw new IllegalArgumentException("host and port, such as example.com:9000 or [::1]:9000");
    }
    return new Target(service, address, host, port);
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
