package io.dormouse.websocket;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.java_websocket.enums.Opcode;
import org.java_websocket.framing.Framedata;

/**
 * A frame as clients send it (RFC 6455, sections 5.2 and 5.3). Java-WebSocket 1.6.0 masks a byte at
 * a time, which for a message of 16 KiB takes longer than to send it; here it is eight.
 */
final class MaskedFrame {
  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  private MaskedFrame() {}

  /** Makes a frame's bytes; the payload's position is left where it is. */
  static ByteBuffer of(Framedata frame, int mask) {
    ByteBuffer payload = frame.getPayloadData().duplicate();
    int length = payload.remaining();
    int extended = length < LENGTH_IN_2_BYTES ? 0 : length <= 0xFFFF ? 2 : 8;
    ByteBuffer bytes = ByteBuffer.allocate(2 + extended + 4 + length);
    bytes.put((byte) (flags(frame) | opcode(frame.getOpcode())));
    if (extended == 0) {
      bytes.put((byte) (MASKED | length));
    } else if (extended == 2) {
      bytes.put((byte) (MASKED | LENGTH_IN_2_BYTES)).putShort((short) length);
    } else {
      bytes.put((byte) (MASKED | LENGTH_IN_8_BYTES)).putLong(length);
    }
    bytes.putInt(mask);
    putMasked(bytes, payload, mask);
    ((Buffer) bytes).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    return bytes;
  }

  private static int flags(Framedata frame) {
    return (frame.isFin() ? FIN : 0)
        | (frame.isRSV1() ? 0x40 : 0)
        | (frame.isRSV2() ? 0x20 : 0)
        | (frame.isRSV3() ? 0x10 : 0);
  }

  private static int opcode(Opcode opcode) {
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
      bytes.put((byte) (payload.get() ^ (mask >>> shift))); // by 32 is by 0, by -8 is by 24
    }
  }
}
