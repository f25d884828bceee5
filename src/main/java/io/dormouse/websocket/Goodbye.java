package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import java.nio.charset.StandardCharsets;

/**
 * What is said to the server at the end.
 *
 * @param code a close code that may be sent
 * @param reason at most 123 bytes in UTF-8
 */
record Goodbye(int code, String reason) {
  /** RFC 6455, section 7.4.1: the endpoint is going away. */
  private static final Goodbye GOING_AWAY = new Goodbye(1001, "");

  private static final Goodbye NORMAL = new Goodbye(1000, "");

  /** A control frame's 125 bytes (RFC 6455, section 5.5) less the code. */
  private static final int LONGEST_REASON = 123;

  static Goodbye of(CloseReason why) {
    return why.kind() == CloseReason.Kind.CLOSED_BY_APP ? NORMAL : GOING_AWAY;
  }

  static Goodbye checked(String who, int code, String reason) {
    boolean assigned = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    boolean free = code >= 3000 && code <= 4999;
    if (!assigned && !free) {
      throw new IllegalArgumentException(
          who
              + ": the close code "
              + code
              + " may not be sent; use 1000, or one of your own from 3000 to 4999");
    }
    int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_REASON) {
      throw new IllegalArgumentException(
          who + ": a close reason has at most 123 bytes in UTF-8, not " + bytes);
    }
    return new Goodbye(code, reason);
  }
}
