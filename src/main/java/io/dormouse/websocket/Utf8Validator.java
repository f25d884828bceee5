package io.dormouse.websocket;

import java.nio.ByteBuffer;

/**
 * Checks bytes for UTF-8 (RFC 3629) as they arrive, and detects the first byte that can't be. The
 * result does not depend on how the bytes are split between calls. ASCII is read eight bytes at a
 * time.
 */
final class Utf8Validator {
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  /** So many bytes are checked one by one before the next attempt to skip ASCII. */
  private static final int ONE_BY_ONE = 16;

  private int missing; // continuation bytes of a character that has begun
  private int low = 0x80; // range of the next continuation byte
  private int high = 0xBF;
  private int surplus;

  /** Begins anew. */
  void reset() {
    missing = 0;
    low = 0x80;
    high = 0xBF;
    surplus = 0;
  }

  /** Returns whether the bytes so far end with a complete character. */
  boolean isComplete() {
    return missing == 0;
  }

  /**
   * Returns how many more bytes were accepted than they have {@code char}s in Java: 0 if all are
   * ASCII.
   */
  int surplus() {
    return surplus;
  }

  /**
   * Accepts bytes that follow those of earlier calls.
   *
   * @param bytes of which only the range counts; position and limit are not used
   * @return false if one of them can't be where it is; nothing may be accepted after that
   */
  boolean accept(ByteBuffer bytes, int from, int to) {
    int i = from;
    while (i < to) {
      if (missing == 0) {
        i = skipAscii(bytes, i, to);
      }
      for (int end = Math.min(to, i + ONE_BY_ONE); i < end; i++) {
        int b = bytes.get(i);
        if (missing > 0 ? !continues(b & 0xFF) : b < 0 && !begins(b & 0xFF)) {
          return false;
        }
      }
    }
    return true;
  }

  private static int skipAscii(ByteBuffer bytes, int from, int to) {
    int i = from;
    while (i <= to - Long.BYTES && (bytes.getLong(i) & HIGH_BITS) == 0) {
      i += Long.BYTES;
    }
    return i;
  }

  /** RFC 3629, section 4: UTF8-2, UTF8-3 and UTF8-4, without overlong forms and surrogates. */
  private boolean begins(int b) {
    if (b < 0xC2 || b > 0xF4) {
      return false;
    } else if (b < 0xE0) {
      missing = 1;
      surplus++;
    } else if (b < 0xF0) {
      missing = 2;
      low = b == 0xE0 ? 0xA0 : 0x80;
      high = b == 0xED ? 0x9F : 0xBF;
      surplus += 2;
    } else {
      missing = 3;
      low = b == 0xF0 ? 0x90 : 0x80;
      high = b == 0xF4 ? 0x8F : 0xBF;
      surplus += 2; // four bytes, and two chars in Java
    }
    return true;
  }

  private boolean continues(int b) {
    boolean fits = b >= low && b <= high;
    low = 0x80;
    high = 0xBF;
    missing--;
    return fits;
  }
}
