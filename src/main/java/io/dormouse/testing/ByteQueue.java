package io.dormouse.testing;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes in the order they came. */
final class ByteQueue {
  private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
  private int size;

  int size() {
    return size;
  }

  /** Takes at most so many bytes; returns how many. */
  int add(ByteBuffer from, int most) {
    int count = Math.min(most, from.remaining());
    if (count > 0) {
      byte[] copy = new byte[count];
      from.get(copy);
      pieces.add(ByteBuffer.wrap(copy));
      size += count;
    }
    return count;
  }

  /** Gives as many bytes as there is room for; returns how many. */
  int moveTo(ByteBuffer into) {
    int moved = 0;
    while (into.hasRemaining() && !pieces.isEmpty()) {
      ByteBuffer first = pieces.element();
      int count = Math.min(into.remaining(), first.remaining());
      ByteBuffer part = first.slice();
      ((Buffer) part).limit(count);
      into.put(part);
      ((Buffer) first).position(first.position() + count);
      if (!first.hasRemaining()) {
        pieces.remove();
      }
      moved += count;
    }
    size -= moved;
    return moved;
  }

  /** Takes out at most so many bytes. */
  ByteBuffer remove(int most) {
    ByteBuffer out = ByteBuffer.allocate(Math.min(most, size));
    moveTo(out);
    return flipped(out);
  }

  /** Makes what was put into a buffer what is to be read from it. */
  static ByteBuffer flipped(ByteBuffer buffer) {
    ((Buffer) buffer).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    return buffer;
  }

  void clear() {
    pieces.clear();
    size = 0;
  }
}
