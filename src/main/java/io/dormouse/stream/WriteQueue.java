package io.dormouse.stream;

import io.dormouse.engine.Outgoing;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way to a socket, in order, with the sends they belong to. Small ones are gathered
 * into one system call. Loop only.
 */
final class WriteQueue {
  /**
   * What one system call gets at most. The JDK would copy a heap buffer into a direct one of the
   * same size, and keep that; so we do it, in pieces, with a buffer that all connections of the
   * thread share.
   */
  private static final int GATHER = 128 * 1024;

  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(GATHER));

  /** One run of bytes; {@code last} of its message, if it belongs to one. */
  private record Chunk(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {}

  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private long ownBytes;

  void add(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {
    if (message == null) {
      ownBytes += bytes.remaining();
    }
    chunks.add(new Chunk(bytes, message, last));
  }

  /** Adds the rest of a message that was begun before all that waits. */
  void addFirst(ByteBuffer rest, @Nullable Outgoing<?> message) {
    if (message == null) {
      ownBytes += rest.remaining();
    }
    chunks.addFirst(new Chunk(rest, message, true));
  }

  /** How many bytes wait that belong to no send. */
  long ownBytes() {
    return ownBytes;
  }

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  /**
   * Writes as much as the channel takes, up to a bound that keeps one connection from holding up
   * the others. What is written completely is settled.
   *
   * @return false if the channel took less than it was offered
   */
  boolean writeTo(WritableByteChannel channel, int mostBytes) throws IOException {
    int total = 0;
    while (!chunks.isEmpty() && total < mostBytes) {
      ByteBuffer first = chunks.element().bytes;
      // What is outside the heap already and long enough is not copied to be gathered.
      boolean straight = first.isDirect() && first.remaining() >= GATHER / 4;
      ByteBuffer next = straight ? first.duplicate() : gather();
      int offered = next.remaining();
      int written = offered == 0 ? 0 : channel.write(next);
      settle(written);
      if (written < offered) {
        return false;
      }
      total += written;
    }
    return true;
  }

  private ByteBuffer gather() {
    ByteBuffer buffer = BUFFER.get();
    ((Buffer) buffer).clear(); // as a Buffer: Android 8 has no ByteBuffer.clear()
    Iterator<Chunk> next = chunks.iterator();
    while (next.hasNext() && buffer.hasRemaining()) {
      ByteBuffer bytes = next.next().bytes.duplicate();
      ((Buffer) bytes).limit(bytes.position() + Math.min(bytes.remaining(), buffer.remaining()));
      buffer.put(bytes);
    }
    ((Buffer) buffer).flip();
    return buffer;
  }

  private void settle(int written) {
    int left = written;
    while (!chunks.isEmpty()) {
      Chunk first = chunks.element();
      int taken = Math.min(left, first.bytes.remaining());
      ((Buffer) first.bytes).position(first.bytes.position() + taken);
      left -= taken;
      if (first.message == null) {
        ownBytes -= taken;
      } else if (taken > 0) {
        first.message.partlyWritten();
      }
      if (first.bytes.hasRemaining()) {
        return;
      }
      chunks.remove();
      if (first.message != null && first.last) {
        first.message.written();
      }
    }
  }
}
