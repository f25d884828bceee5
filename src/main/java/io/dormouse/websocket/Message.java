package io.dormouse.websocket;

import io.dormouse.stream.BorrowedBytes;
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
    return new Message(Opcode.BINARY, BorrowedBytes.keep(data));
  }

  static Message ping(ByteBuffer data) {
    return new Message(Opcode.PING, BorrowedBytes.keep(data));
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

  /** Returns whether it takes long to make its frame, and that is not done yet. */
  boolean isLong() {
    return size >= LONG && frame == null;
  }

  /** Returns whether it may be compressed: control frames may not (RFC 7692, section 6.1). */
  boolean isData() {
    return opcode != Opcode.PING;
  }

  /** Returns what is sent if no frame was made of it. */
  ByteBuffer payload() {
    ByteBuffer from = payload;
    if (from == null) {
      throw new IllegalStateException("its frame was made");
    }
    return from;
  }

  /** Makes its frame, of what its payload was compressed to. */
  ByteBuffer frameOf(ByteBuffer compressed) {
    ByteBuffer made = MaskedFrame.ofCompressed(opcode, compressed);
    frame = made;
    payload = null;
    return made;
  }

  /** Returns the frame, the same one each time. */
  ByteBuffer frame() {
    ByteBuffer made = frame;
    if (made == null) {
      made = MaskedFrame.of(opcode, payload());
      frame = made;
      payload = null; // it may be as large as the frame
    }
    return made;
  }
}
