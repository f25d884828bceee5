package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message that is being received. Its memory grows with what has arrived, in pieces: a peer can't
 * make us allocate by announcing a long message, and the loop never copies much at once. The pieces
 * are joined by {@link #text()} or {@link #binary()}, of which one is called, once, on the thread
 * that runs the callback.
 */
final class Incoming {
  /** A message whose length is known and not above this gets one piece of the exact size. */
  private static final int AT_ONCE = 64 * 1024;

  private static final int SMALLEST_PIECE = 4 * 1024;
  private static final int LARGEST_PIECE = 256 * 1024;

  /** A text that is not ASCII is decoded in steps, which needs less memory than all at once. */
  private static final int DECODED_AT_ONCE = 64 * 1024;

  private static final byte[] NONE = {};

  private final boolean text;
  private List<byte[]> full = List.of(); // all pieces but the last
  private byte[] last = NONE;
  private int used; // of the last piece
  private int size;
  private int surplus; // bytes less characters

  Incoming(boolean text) {
    this.text = text;
  }

  boolean isText() {
    return text;
  }

  /** Returns how many bytes have arrived. */
  int size() {
    return size;
  }

  /** Sets how many more bytes than characters the text has, known when it is complete. */
  void surplus(int known) {
    surplus = known;
  }

  /**
   * Appends bytes that have arrived.
   *
   * @param rest how many bytes the message still has, these included; -1 if not known yet
   */
  void take(ByteBuffer bytes, int count, long rest) {
    int left = count;
    long restLeft = rest;
    while (left > 0) {
      if (used == last.length) {
        grow(left, restLeft);
      }
      int next = Math.min(left, last.length - used);
      bytes.get(last, used, next);
      used += next;
      size += next;
      left -= next;
      restLeft -= rest < 0 ? 0 : next;
    }
  }

  private void grow(int arrived, long rest) {
    if (used > 0) {
      if (full.isEmpty()) {
        full = new ArrayList<>();
      }
      full.add(last);
    }
    long twice = 2L * (size + arrived);
    long piece = Math.max(SMALLEST_PIECE, Math.min(twice, LARGEST_PIECE));
    if (rest >= 0 && (rest <= AT_ONCE || rest < piece)) {
      piece = rest;
    }
    last = new byte[(int) piece];
    used = 0;
  }

  /** Returns the bytes, and drops them from this object. */
  ByteBuffer binary() {
    return ByteBuffer.wrap(bytes());
  }

  /** Returns the text, and drops its bytes from this object. */
  String text() {
    if (full.isEmpty()) {
      String whole = decode(last, 0, used);
      last = NONE;
      return whole;
    }
    if (surplus == 0) {
      byte[] bytes = bytes();
      return decode(bytes, 0, bytes.length);
    }
    return characters(bytes()).toString(); // this copy is made when the bytes are garbage
  }

  private StringBuilder characters(byte[] bytes) {
    StringBuilder chars = new StringBuilder();
    for (int from = 0; from < bytes.length; ) {
      int to = characterStart(bytes, Math.min(bytes.length, from + DECODED_AT_ONCE));
      chars.append(decode(bytes, from, to));
      chars.ensureCapacity(bytes.length - surplus); // now that it has its kind of character
      from = to;
    }
    return chars;
  }

  /** Text that is known to be ASCII is not validated again: ISO 8859-1 is a plain copy. */
  private String decode(byte[] bytes, int from, int to) {
    return surplus == 0
        ? new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)
        : new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** Returns where the character begins that a byte belongs to; the end for the end. */
  private static int characterStart(byte[] bytes, int index) {
    int start = index;
    while (start < bytes.length && (bytes[start] & 0xC0) == 0x80) {
      start--;
    }
    return start;
  }

  private byte[] bytes() {
    byte[] all = last;
    if (!full.isEmpty() || used < last.length) {
      all = new byte[size];
      int end = 0;
      for (byte[] piece : full) {
        System.arraycopy(piece, 0, all, end, piece.length);
        end += piece.length;
      }
      System.arraycopy(last, 0, all, end, used);
    }
    full = List.of();
    last = NONE;
    used = 0;
    return all;
  }
}
