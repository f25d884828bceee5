package io.dormouse.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The server's answer to the handshake, until its end is there: Java-WebSocket would keep what
 * comes without bound, and does not tell the status of a refusal.
 */
final class ResponseHead {
  /** More than any server sends; Tomcat's limit is 8 KiB. */
  static final int LONGEST = 64 * 1024;

  private static final String PROTOCOL = "HTTP/1.";
  private static final String END = "\r\n\r\n";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private int length; // of the head, up to where it has come
  private int matched; // how much of the two line breaks at the head's end
  private int status;
  private final Map<String, String> headers = new HashMap<>(); // by name in lower case

  /** Takes what has come. Returns whether the head is complete; what follows it is kept too. */
  boolean add(ByteBuffer more) {
    byte[] copy = new byte[more.remaining()];
    more.get(copy);
    bytes.write(copy, 0, copy.length);
    for (int i = 0; i < copy.length && matched < END.length(); i++) {
      length++;
      if (copy[i] == END.charAt(matched)) {
        matched++;
      } else {
        matched = copy[i] == '\r' ? 1 : 0;
      }
      if (matched == END.length()) {
        int text = length - END.length();
        parse(new String(bytes.toByteArray(), 0, text, StandardCharsets.ISO_8859_1));
      }
    }
    return matched == END.length();
  }

  boolean isTooLong() {
    return length > LONGEST;
  }

  private void parse(String head) {
    int lineEnd = head.indexOf("\r\n");
    String statusLine = lineEnd < 0 ? head : head.substring(0, lineEnd);
    status = status(statusLine);
    int from = lineEnd;
    while (from >= 0) {
      int next = head.indexOf("\r\n", from + 2);
      String line = head.substring(from + 2, next < 0 ? head.length() : next);
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).trim().toLowerCase(Locale.ROOT);
        headers.merge(name, line.substring(colon + 1).trim(), (a, b) -> a + ", " + b);
      }
      from = next;
    }
  }

  /** RFC 9112, section 4: {@code HTTP/1.1 101 Switching Protocols}, with or without the words. */
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
    return http ? status : 0;
  }

  /** The HTTP status; 0 if this is no HTTP response. */
  int status() {
    return status;
  }

  /** A header, empty if it isn't there. */
  String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** RFC 9110, section 10.2.3: seconds or a date. What can't be read is taken for not said. */
  Optional<Duration> retryAfter(Instant now) {
    String value = header("Retry-After");
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

  /** All that has come, the head and what follows it, in an array with offset 0. */
  ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}
