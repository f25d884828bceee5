package io.dormouse.websocket;

import java.nio.ByteBuffer;

/**
 * Checks that bytes are UTF-8 (RFC 3629) as they arrive, and finds the first byte that can't be.
 * How the bytes are cut makes no difference. Reads ASCII eight bytes at a time.
 */
final class Utf8Validator {
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  /** So many bytes are looked at one by one before it is tried again whether ASCII follows. */
  private static final int ONE_BY_ONE = 16;

  private int missing; // continuation bytes of the character that has begun
  private int low = 0x80; // what the next continuation byte may be
  private int high = 0xBF;
  private int surplus;

  /** Forgets what came before. */
  void reset() {
    missing = 0;
    low = 0x80;
    high = 0xBF;
    surplus = 0;
  }

  /** Returns whether no character is cut off at the end of what was accepted. */
  boolean isComplete() {
    return missing == 0;
  }

  /**
   * Returns how many more bytes were accepted than the characters that Java makes of them: 0 if all
   * is ASCII.
   */
  int surplus() {
    return surplus;
  }

  /**
   * Accepts bytes that follow those before.
   *
   * @param bytes whose position and limit are not heeded
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

  /** RFC 3629, section 4: UTF8-2, UTF8-3 and UTF8-4 without long forms and surrogates. */
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
      surplus += 2; // four bytes, and two characters of Java's
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
