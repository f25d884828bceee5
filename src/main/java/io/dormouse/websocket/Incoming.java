package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message on its way in. The memory that it takes grows with what has arrived, in pieces, so that
 * nobody makes us allocate by announcing a long message, and no step on the loop is a long one. The
 * pieces are put together by {@link #text()} or {@link #binary()}, of which one is called, once, on
 * the thread that runs the callback.
 */
final class Incoming {
  /** A message whose length is known, and that is not longer, gets its memory at once. */
  private static final int AT_ONCE = 64 * 1024;

  private static final int SMALLEST_PIECE = 4 * 1024;
  private static final int LARGEST_PIECE = 256 * 1024;

  /** A long text that is not ASCII is decoded in steps: in one it would need much more memory. */
  private static final int DECODED_AT_ONCE = 64 * 1024;

  private static final byte[] NONE = {};

  private final boolean text;
  private List<byte[]> full = List.of(); // the pieces before the last
  private byte[] last = NONE;
  private int used; // of the last piece
  private int size;
  private int surplus;

  Incoming(boolean text) {
    this.text = text;
  }

  boolean isText() {
    return text;
  }

  /** How many bytes have arrived. */
  int size() {
    return size;
  }

  /** How many more bytes the text has than characters, which is known when it is complete. */
  void surplus(int known) {
    surplus = known;
  }

  /**
   * Takes bytes that have arrived.
   *
   * @param rest how many bytes the message still has, these included; -1 if that is not known yet
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

  /** Returns the bytes, and lets go of them. */
  ByteBuffer binary() {
    return ByteBuffer.wrap(bytes());
  }

  /** Returns the text, and lets go of its bytes. */
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
    return characters(bytes()).toString(); // which copies them once more, without the bytes
  }

  private StringBuilder characters(byte[] bytes) {
    StringBuilder chars = new StringBuilder();
    for (int from = 0; from < bytes.length; ) {
      int to = characterStart(bytes, Math.min(bytes.length, from + DECODED_AT_ONCE));
      chars.append(decode(bytes, from, to));
      chars.ensureCapacity(bytes.length - surplus); // now it knows how many bytes characters take
      from = to;
    }
    return chars;
  }

  /** Text that is known to be ASCII need not be looked at again. */
  private String decode(byte[] bytes, int from, int to) {
    return surplus == 0
        ? new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)
        : new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** The end, or where the character begins that a byte belongs to. */
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
      for (int i = 0; i < full.size(); i++) {
        byte[] piece = full.set(i, NONE);
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
