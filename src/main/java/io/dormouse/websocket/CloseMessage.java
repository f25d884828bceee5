package io.dormouse.websocket;

import io.dormouse.check.Check;
import io.dormouse.connection.CloseReason;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.java_websocket.enums.Opcode;
import org.java_websocket.framing.CloseFrame;

/**
 * The content of a close frame of ours (RFC 6455, section 5.5.1).
 *
 * @param code a close code that may be sent; 1005 for a frame that says nothing
 * @param reason at most 123 bytes in UTF-8
 */
record CloseMessage(int code, String reason) {
  private static final CloseMessage GOING_AWAY = new CloseMessage(CloseFrame.GOING_AWAY, "");
  private static final CloseMessage NORMAL = new CloseMessage(CloseFrame.NORMAL, "");

  /** A control frame's 125 bytes (RFC 6455, section 5.5) less the code. */
  private static final int LONGEST_REASON = 123;

  static CloseMessage of(CloseReason why) {
    return why.kind() == CloseReason.Kind.CLOSED_BY_APP ? NORMAL : GOING_AWAY;
  }

  /** The answer to the peer's, or what tells it of a broken rule. */
  static CloseMessage of(int code) {
    return new CloseMessage(code, "");
  }

  static CloseMessage checked(String who, int code, String reason) {
    if (!mayBeSent(code)) {
      throw new IllegalArgumentException(
          who
              + ": the close code "
              + code
              + " may not be sent; use 1000, or one of your own from 3000 to 4999");
    }
    Check.given(who, "reason", reason);
    int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_REASON) {
      throw new IllegalArgumentException(
          who + ": a close reason has at most 123 bytes in UTF-8, not " + bytes);
    }
    return new CloseMessage(code, reason);
  }

  /** RFC 6455, section 7.4, and the IANA registry of close codes, by either side. */
  static boolean mayBeSent(int code) {
    boolean assigned = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    boolean free = code >= 3000 && code <= 4999;
    return assigned || free;
  }

  /** Returns the frame's bytes. */
  ByteBuffer frame() {
    if (code == CloseFrame.NOCODE) {
      return MaskedFrame.of(Opcode.CLOSING, ByteBuffer.allocate(0));
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    ByteBuffer payload = ByteBuffer.allocate(Short.BYTES + text.length);
    payload.putShort((short) code).put(text);
    ((Buffer) payload).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    return MaskedFrame.of(Opcode.CLOSING, payload);
  }
}
