package io.dormouse.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Collects the server's response to the handshake from bytes as they arrive. Interim responses
 * (1xx, RFC 9110, section 15.2) are skipped, except 101, which is the final one.
 */
final class ResponseHead {
  /** Bytes of all responses together. More than servers send: Tomcat's limit is 8 KiB. */
  static final int LONGEST = 64 * 1024;

  private static final String END = "\r\n\r\n";

  private final ByteArrayOutputStream head = new ByteArrayOutputStream(512);
  private int length; // with the responses that were skipped
  private int matched; // bytes of END that the latest bytes are equal to

  /**
   * Takes bytes up to the end of the response; what follows is left in the buffer.
   *
   * @return the response if it is complete
   */
  Optional<HandshakeResponse> add(ByteBuffer bytes) {
    while (bytes.hasRemaining() && !isTooLong()) {
      byte b = bytes.get();
      head.write(b);
      length++;
      if (b == END.charAt(matched)) {
        matched++;
      } else {
        matched = b == '\r' ? 1 : 0;
      }
      if (matched == END.length()) {
        HandshakeResponse response = response();
        if (!response.isInterim()) {
          return Optional.of(response);
        }
        head.reset();
        matched = 0;
      }
    }
    return Optional.empty();
  }

  boolean isTooLong() {
    return length > LONGEST;
  }

  private HandshakeResponse response() {
    byte[] bytes = head.toByteArray();
    int text = bytes.length - END.length();
    return new HandshakeResponse(new String(bytes, 0, text, StandardCharsets.ISO_8859_1));
  }
}
