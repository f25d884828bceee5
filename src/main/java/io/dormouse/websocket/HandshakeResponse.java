package io.dormouse.websocket;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the server answered to the handshake: its HTTP status and headers. It may hold secrets, such
 * as cookies, so {@link #toString()} says the status only.
 */
public final class HandshakeResponse {
  private static final String PROTOCOL = "HTTP/1.";
  private static final int SWITCHING_PROTOCOLS = 101;

  // As it came, and read when it is asked for: most apps never do.
  private final String head;
  private final int status;

  /**
   * Reads a response.
   *
   * @param head its lines, without the empty one at the end
   */
  HandshakeResponse(String head) {
    this.head = head;
    int lineEnd = head.indexOf("\r\n");
    this.status = status(lineEnd < 0 ? head : head.substring(0, lineEnd));
  }

  /**
   * RFC 9112, section 4: {@code HTTP/1.1 101 Switching Protocols}, with or without the reason
   * phrase.
   */
  private static int status(String line) {
    boolean http =
        line.length() >= 12
            && line.startsWith(PROTOCOL)
            && (line.charAt(7) == '0' || line.charAt(7) == '1')
            && line.charAt(8) == ' '
            && (line.length() == 12 || line.charAt(12) == ' ');
    int status = 0;
    for (int i = 9; http && i < 12; i++) {
      char c = line.charAt(i);
      http = c >= '0' && c <= '9';
      status = status * 10 + (c - '0');
    }
    return http && status >= 100 ? status : 0; // RFC 9110, section 15: from 100 on
  }

  boolean isHttp() {
    return status != 0;
  }

  boolean isOpening() {
    return status == SWITCHING_PROTOCOLS;
  }

  boolean isInterim() {
    return status >= 100 && status < 200 && status != SWITCHING_PROTOCOLS;
  }

  /** {@return the HTTP status (RFC 9110, section 15); 101 is the one that opens a WebSocket} */
  public int status() {
    return status;
  }

  /**
   * {@return the headers: by name, whose case does not matter, all values in the order in which
   * they came} The map can't be changed.
   */
  public Map<String, List<String>> headers() {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    // RFC 9112, section 5.2: a line that begins with whitespace goes on with the one before.
    String unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    for (int from = unfolded.indexOf("\r\n"); from >= 0; ) {
      int next = unfolded.indexOf("\r\n", from + 2);
      String line = unfolded.substring(from + 2, next < 0 ? unfolded.length() : next);
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).trim();
        headers
            .computeIfAbsent(name, key -> new ArrayList<>())
            .add(value(line.substring(colon + 1)));
      }
      from = next;
    }
    headers.replaceAll((name, values) -> Collections.unmodifiableList(values));
    return Collections.unmodifiableMap(headers);
  }

  /**
   * RFC 9110, section 5.5: without the whitespace around it, and with spaces for what breaks lines.
   */
  private static String value(String raw) {
    return raw.replace('\0', ' ').replace('\r', ' ').replace('\n', ' ').trim();
  }

  /**
   * {@return the first value of a header, by its name in any case; empty if it isn't there}
   *
   * @param name such as {@code Retry-After}
   */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers().get(name)).map(values -> values.get(0));
  }

  /** RFC 9110, section 10.2.3: seconds or a date. What can't be read is taken for not said. */
  Optional<Duration> retryAfter(Instant now) {
    String value = header("Retry-After").orElse("");
    if (value.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, until);
      return wait.isNegative() ? Optional.of(Duration.ZERO) : Optional.of(wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Says the status only. */
  @Override
  public String toString() {
    return "HandshakeResponse " + status;
  }
}
