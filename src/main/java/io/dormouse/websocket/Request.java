package io.dormouse.websocket;

import io.dormouse.check.Check;
import io.dormouse.check.HostAndPort;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What one handshake asks for, validated. Error messages never quote the URL or a header's value,
 * since both may hold secrets.
 *
 * @param secure whether over TLS
 * @param url what was asked for
 * @param endpoint where to connect
 * @param host the Host header (RFC 9110, section 7.2)
 * @param resource the resource name (RFC 6455, section 3)
 * @param headers the app's own, each with its values
 */
record Request(
    boolean secure,
    URI url,
    InetSocketAddress endpoint,
    String host,
    String resource,
    Map<String, List<String>> headers) {
  /** RFC 6455, section 3. */
  private static final int DEFAULT_PORT = 80;

  private static final int DEFAULT_SECURE_PORT = 443;

  /** Headers that the handshake sets itself (RFC 6455, section 4.1). */
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "upgrade",
          "connection",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-protocol",
          "sec-websocket-extensions");

  static Request checked(String who, URI url, Map<String, List<String>> headers) {
    checkUrl(who, url);
    headers.forEach((name, values) -> values.forEach(value -> checkHeader(who, name, value)));
    HostAndPort to = HostAndPort.of(who, url);
    boolean secure = "wss".equals(scheme(url));
    int defaultPort = secure ? DEFAULT_SECURE_PORT : DEFAULT_PORT;
    int port = to.port().orElse(defaultPort);
    InetSocketAddress endpoint = InetSocketAddress.createUnresolved(to.host(), port);
    String host = hostHeader(to.host(), port, defaultPort);
    return new Request(secure, url, endpoint, host, resource(url), copyOf(headers));
  }

  private static Map<String, List<String>> copyOf(Map<String, List<String>> headers) {
    Map<String, List<String>> copy = new HashMap<>();
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return Map.copyOf(copy);
  }

  static URI checkUrl(String who, URI url) {
    Check.given(who, "url", url);
    String badScheme =
        switch (scheme(url)) {
          case "ws", "wss" -> "";
          case "http" -> "a WebSocket URL begins with ws://, not with http://";
          case "https" -> "a WebSocket URL begins with wss://, not with https://";
          default -> "a WebSocket URL begins with ws:// or wss://";
        };
    if (!badScheme.isEmpty()) {
      throw new IllegalArgumentException(who + ": " + badScheme);
    }
    if (String.valueOf(url.getRawAuthority()).indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          who + ": the URL has user info, which no handshake sends; use header(\"Authorization\")");
    }
    if (url.getRawFragment() != null) {
      throw new IllegalArgumentException(
          who + ": the URL has a fragment, which RFC 6455, section 3, does not allow");
    }
    String host = HostAndPort.of(who, url).host();
    if (!Check.isAscii(host)) {
      throw new IllegalArgumentException(
          who + ": the URL's host is not ASCII; pass it through java.net.IDN.toASCII first");
    }
    return url;
  }

  private static String scheme(URI url) {
    return String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
  }

  static void checkHeader(String who, String name, String value) {
    Check.given(who, "header name", name);
    Check.given(who, "header value", value);
    checkToken(who, "a header name", name);
    if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(who + ": the header " + name + " is the handshake's own");
    }
    if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c > '~')) {
      throw new IllegalArgumentException(
          who + ": the value of the header " + name + " has a line break or is not ASCII");
    }
  }

  static void checkToken(String who, String what, String token) {
    if (token.isEmpty() || !token.chars().allMatch(Request::isTokenChar)) {
      throw new IllegalArgumentException(
          who + ": " + what + " has letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110, 5.6.2)");
    }
  }

  private static boolean isTokenChar(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private static String hostHeader(String name, int port, int defaultPort) {
    String host = name.indexOf(':') < 0 ? name : "[" + name + "]";
    return port == defaultPort ? host : host + ":" + port;
  }

  private static String resource(URI url) {
    String path = url.getRawPath();
    String resource = path == null || path.isEmpty() ? "/" : path;
    return ascii(url.getRawQuery() == null ? resource : resource + "?" + url.getRawQuery());
  }

  /**
   * Percent-encodes what is not ASCII (RFC 3987, section 3.1). {@link URI#toASCIIString} normalizes
   * first, which may give characters that no URL may have, and then an exception quotes the URL.
   */
  private static String ascii(String text) {
    if (Check.isAscii(text)) {
      return text;
    }
    StringBuilder ascii = new StringBuilder(text.length() + 32);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0) {
        ascii.append((char) b);
      } else {
        ascii.append('%').append(hex(b >> 4)).append(hex(b));
      }
    }
    return ascii.toString();
  }

  private static char hex(int b) {
    return "0123456789ABCDEF".charAt(b & 0x0F);
  }

  /** Does not show the URL and the headers, which may hold secrets. */
  @Override
  public String toString() {
    return "Request to " + host;
  }
}
