package io.dormouse.tcp;

import java.nio.Buffer;
import java.nio.ByteBuffer;

/** What Android 8 has only on {@link Buffer}, and the JDK since 9 on {@link ByteBuffer} too. */
final class Buffers {
  private Buffers() {}

  static ByteBuffer flip(ByteBuffer buffer) {
    ((Buffer) buffer).flip();
    return buffer;
  }

  static void skip(ByteBuffer buffer, int bytes) {
    ((Buffer) buffer).position(buffer.position() + bytes);
  }

  /** Sets the window. The limit first, since the position may not be behind it. */
  static void window(ByteBuffer buffer, int position, int limit) {
    ((Buffer) buffer).limit(limit);
    ((Buffer) buffer).position(position);
  }
}
