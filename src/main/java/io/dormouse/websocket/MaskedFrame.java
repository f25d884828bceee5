package io.dormouse.websocket;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.java_websocket.enums.Opcode;

/**
 * Makes the frames that clients send (RFC 6455, sections 5.2 and 5.3): not fragmented. Any thread.
 * Java-WebSocket 1.6.0 masks byte by byte, which for a message of 16 KiB takes longer than sending
 * it; here eight bytes are masked at once.
 */
final class MaskedFrame {
  private static final int FIN = 0x80;
  private static final int COMPRESSED = 0x40; // RSV1 (RFC 7692, section 6)
  private static final int MASKED = 0x80;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  /** RFC 6455, section 5.3: masks must not be predictable. */
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Made in batches: the source has a lock, and one call costs more than a short frame. */
  private static final int MASKS_AT_ONCE = 256;

  private static final ThreadLocal<ByteBuffer> MASKS =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(0));

  private MaskedFrame() {}

  /** Returns a frame's bytes. The payload's position is not moved. */
  static ByteBuffer of(Opcode opcode, ByteBuffer payload) {
    return of(opcode, payload, nextMask());
  }

  /** Returns the bytes of a frame whose payload is compressed. The position is not moved. */
  static ByteBuffer ofCompressed(Opcode opcode, ByteBuffer payload) {
    return of(FIN | COMPRESSED | code(opcode), payload, nextMask());
  }

  static ByteBuffer of(Opcode opcode, ByteBuffer payload, int mask) {
    return of(FIN | code(opcode), payload, mask);
  }

  private static ByteBuffer of(int first, ByteBuffer payload, int mask) {
    int length = payload.remaining();
    int extended = length < LENGTH_IN_2_BYTES ? 0 : length <= 0xFFFF ? 2 : 8;
    ByteBuffer bytes = ByteBuffer.allocate(2 + extended + 4 + length);
    bytes.put((byte) first);
    if (extended == 0) {
      bytes.put((byte) (MASKED | length));
    } else if (extended == 2) {
      bytes.put((byte) (MASKED | LENGTH_IN_2_BYTES)).putShort((short) length);
    } else {
      bytes.put((byte) (MASKED | LENGTH_IN_8_BYTES)).putLong(length);
    }
    bytes.putInt(mask);
    putMasked(bytes, payload.duplicate(), mask);
    ((Buffer) bytes).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    return bytes;
  }

  private static int nextMask() {
    ByteBuffer masks = MASKS.get();
    if (!masks.hasRemaining()) {
      byte[] fresh = new byte[MASKS_AT_ONCE * Integer.BYTES];
      RANDOM.nextBytes(fresh);
      masks = ByteBuffer.wrap(fresh);
      MASKS.set(masks);
    }
    return masks.getInt();
  }

  private static int code(Opcode opcode) {
    return switch (opcode) {
      case CONTINUOUS -> 0;
      case TEXT -> 1;
      case BINARY -> 2;
      case CLOSING -> 8;
      case PING -> 9;
      case PONG -> 10;
    };
  }

  private static void putMasked(ByteBuffer bytes, ByteBuffer payload, int mask) {
    long twice = ((long) mask << Integer.SIZE) | (mask & 0xFFFF_FFFFL);
    while (payload.remaining() >= Long.BYTES) {
      bytes.putLong(payload.getLong() ^ twice);
    }
    for (int shift = Integer.SIZE - Byte.SIZE; payload.hasRemaining(); shift -= Byte.SIZE) {
      bytes.put((byte) (payload.get() ^ (mask >>> shift))); // Java shifts by -8 as by 24
    }
  }
}
