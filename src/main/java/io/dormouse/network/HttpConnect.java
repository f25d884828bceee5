package io.dormouse.network;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** HTTP's CONNECT (RFC 9110, section 9.3.6), with basic authentication (RFC 7617). */
final class HttpConnect implements ProxyHandshake {
  /** Bounds the head of the proxy's answer, with interim ones before it. */
  static final int MOST_BYTES = 8 * 1024;

  private static final String BEGIN = "HTTP/1.";

  private final String request;
  private final boolean authenticates;
  private final StringBuilder head = new StringBuilder();
  private int received; // bytes in all
  private boolean open;

  HttpConnect(String host, int port, @Nullable Credentials credentials) throws ProxyException {
    String authority = authority(host) + ":" + port;
    authenticates = credentials != null;
    request =
        "CONNECT "
            + authority
            + " HTTP/1.1\r\nHost: "
            + authority
            + "\r\n"
            + (credentials == null
                ? ""
                : "Proxy-Authorization: Basic " + basic(credentials) + "\r\n")
            + "\r\n";
  }

  private static String authority(String host) throws ProxyException {
    return host.indexOf(':') < 0 ? ascii(host) : "[" + withoutZone(host) + "]";
  }

  /** Returns a name as it may be sent. */
  static String ascii(String host) throws ProxyException {
    return AsciiNames.of(host)
        .orElseThrow(
            () ->
                ProxyException.failed("can't be asked for this host, which has no form in ASCII"));
  }

  /** The zone of an IPv6 address says something on this machine only. */
  static String withoutZone(String address) {
    int percent = address.indexOf('%');
    return percent < 0 ? address : address.substring(0, percent);
  }

  private static String basic(Credentials credentials) throws ProxyException {
    byte[] user = credentials.user();
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    for (byte b : user) {
      if (b == ':') { // RFC 7617, section 2
        throw ProxyException.unauthorized(
            "can't be told the user, since its name has a colon in it");
      }
      both.write(b);
    }
    both.write(':');
    byte[] password = credentials.password();
    both.write(password, 0, password.length);
    return Base64.getEncoder().encodeToString(both.toByteArray());
  }

  @Override
  public ByteBuffer begin() {
    return ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
  }

  /** The head ends with an empty line, whose line breaks may lack their CR (RFC 9112, 2.2). */
  @Override
  public int wanted() {
    if (open) {
      return 0;
    }
    return endsWith("\n") || endsWith("\n\r") ? 1 : 2;
  }

  private boolean endsWith(String end) {
    int from = head.length() - end.length();
    return from >= 0 && head.indexOf(end, from) == from;
  }

  @Override
  public ByteBuffer take(ByteBuffer bytes) throws ProxyException {
    while (bytes.hasRemaining()) {
      head.append((char) (bytes.get() & 0xFF));
      received++;
    }
    int looked = Math.min(BEGIN.length(), head.length());
    if (!head.substring(0, looked).equals(BEGIN.substring(0, looked))) {
      throw ProxyException.failed("does not speak HTTP");
    } else if (received > MOST_BYTES) {
      throw ProxyException.failed("has sent more than 8 KiB before its answer ended");
    } else if (endsWith("\n\n") || endsWith("\n\r\n")) {
      answered();
    }
    return SILENCE;
  }

  private void answered() throws ProxyException {
    int status = status();
    if (status >= 100 && status < 200) { // the answer itself is yet to come (RFC 9110, 15.2)
      head.setLength(0);
    } else if (status >= 200 && status < 300) {
      open = true;
    } else if (status == 407 || status == 401) { // tinyproxy says 401 to a wrong password
      throw ProxyException.unauthorized(status, unauthorized(status));
    } else {
      throw ProxyException.failed(status, "has refused with status " + status);
    }
  }

  private int status() throws ProxyException {
    int number = 0;
    int from = BEGIN.length() + 2; // after the minor version and a space
    for (int i = from; i < from + 3; i++) {
      char c = i < head.length() ? head.charAt(i) : ' ';
      if (c < '0' || c > '9') {
        throw ProxyException.failed("does not speak HTTP");
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }

  private String unauthorized(int status) {
    if (status == 407 && !offersBasic()) {
      return "wants an authentication other than basic (407)";
    }
    return authenticates
        ? "does not accept the user and the password (" + status + ")"
        : "wants a user and a password ("
            + status
            + "), and there is no proxyAuthenticator that has them";
  }

  /** Whether one of the challenges is for basic authentication (RFC 9110, section 11.7.1). */
  private boolean offersBasic() {
    for (String line : head.toString().toLowerCase(Locale.ROOT).split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).equals("proxy-authenticate")) {
        for (String challenge : line.substring(colon + 1).split(",", -1)) {
          String trimmed = challenge.trim();
          if (trimmed.equals("basic") || trimmed.startsWith("basic ")) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Does not show the request, which may hold a password. */
  @Override
  public String toString() {
    return "CONNECT";
  }
}
