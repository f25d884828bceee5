package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.java_websocket.enums.Opcode;
import org.jspecify.annotations.Nullable;

/** A message to be sent. Used by one thread at a time. */
final class Message {
  /** From this size on the sender's thread makes the frame: it would take the loop too long. */
  private static final int LONG = 16 * 1024;

  private final Opcode opcode;
  private final int size;
  private @Nullable ByteBuffer payload;
  private @Nullable ByteBuffer frame;

  private Message(Opcode opcode, ByteBuffer payload) {
    this.opcode = opcode;
    this.payload = payload;
    this.size = payload.remaining();
  }

  static Message text(String text) {
    return new Message(Opcode.TEXT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Message binary(ByteBuffer data) {
    return new Message(Opcode.BINARY, data.duplicate());
  }

  static Message ping(ByteBuffer data) {
    return new Message(Opcode.PING, data.duplicate());
  }

  /** Returns the payload's length in bytes. */
  int size() {
    return size;
  }

  /** Makes the frame now if it is long; a short one is made when it is written. */
  Message prepared() {
    if (size >= LONG) {
      ByteBuffer unused = frame();
    }
    return this;
  }

  /** Returns the frame, the same one each time. */
  ByteBuffer frame() {
    ByteBuffer made = frame;
    if (made == null) {
      ByteBuffer from = payload;
      if (from == null) {
        throw new IllegalStateException("a message has a payload or a frame");
      }
      made = MaskedFrame.of(opcode, from);
      frame = made;
      payload = null; // it may be as large as the frame
    }
    return made;
  }
}
