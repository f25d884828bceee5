package io.dormouse.stream;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of a loop read into. There is one buffer for all of them, since they read one
 * after the other; when it is lent, another takes its place. So a connection that is idle has none,
 * and what is allocated does not follow what is read. Loop only, but for giving back.
 *
 * <p>A thread has so many at most: who finds none left copies, and is not held up by those who
 * don't give back what they have.
 */
final class ReadBuffers {
  static final int SIZE = 64 * 1024;

  /**
   * With the one that is read into: 2 MiB, if so many are ever in use at once. Four times as many
   * spared {@code tcp.echo.16KiB.100} all copies, and made it no faster.
   */
  static final int MOST = 32;

  private static final ThreadLocal<ReadBuffers> OF_THREAD =
      ThreadLocal.withInitial(ReadBuffers::new);

  /**
   * Those that were given back, the latest first: it may still be in the processor's cache. Any
   * thread adds one, and only the loop's takes one.
   */
  private final AtomicReference<@Nullable LentBuffer> free = new AtomicReference<>();

  private LentBuffer current = new LentBuffer(this);
  private int made = 1;
  private int most = MOST;

  /** Returns those of this thread. */
  static ReadBuffers ofThread() {
    return OF_THREAD.get();
  }

  /** Returns the buffer to read into, empty. */
  ByteBuffer current() {
    ByteBuffer buffer = current.whole();
    ((Buffer) buffer).clear(); // as a Buffer: Android 8 has no ByteBuffer.clear()
    return buffer;
  }

  /**
   * Lends the buffer that was read into, and has the next read go to another.
   *
   * @return null if too many are lent
   */
  @Nullable LentBuffer lend() {
    LentBuffer next = takeFree();
    if (next == null) {
      next = made < most ? make() : null;
    }
    if (next == null) {
      return null;
    }
    LentBuffer lent = current;
    current = next;
    return lent;
  }

  private @Nullable LentBuffer make() {
    try {
      LentBuffer another = new LentBuffer(this);
      made++;
      return another;
    } catch (OutOfMemoryError e) { // which the JDK takes half a second to find out
      most = made;
      return null;
    }
  }

  private @Nullable LentBuffer takeFree() {
    LentBuffer first;
    do {
      first = free.get();
      if (first == null) {
        return null;
      }
    } while (!free.compareAndSet(first, first.next));
    first.next = null;
    return first;
  }

  /** Takes one back. Any thread. */
  void giveBack(LentBuffer lent) {
    do {
      lent.next = free.get();
    } while (!free.compareAndSet(lent.next, lent));
  }
}
