package io.dormouse.websocket;

import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that have come and were not read, since what is inflated in one turn is limited. They are
 * read in later turns, and the stream is not read before. Loop only.
 */
final class Unread {
  private final Loop loop;
  private final Stream stream;
  private final Predicate<ByteBuffer> read;
  private @Nullable ByteBuffer bytes; // null if there are none
  private boolean due; // to be read in a later iteration

  /**
   * Creates one that holds nothing.
   *
   * @param read reads some of the bytes, and returns whether reading goes on
   */
  Unread(Loop loop, Stream stream, Predicate<ByteBuffer> read) {
    this.loop = loop;
    this.stream = stream;
    this.read = read;
  }

  /**
   * Keeps what is left in a buffer.
   *
   * @param goesOn whether it is to be read soon; or else when {@link #resume()} is called
   */
  void keep(ByteBuffer left, boolean goesOn) {
    ByteBuffer copy = ByteBuffer.allocate(left.remaining()).put(left);
    ((Buffer) copy).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    bytes = copy;
    if (goesOn) {
      readSoon();
    }
  }

  /** Reading, which was stopped, goes on: with these bytes, if there are any. */
  void resume() {
    if (bytes == null) {
      stream.resumeReading();
    } else {
      readSoon();
    }
  }

  private void readSoon() {
    if (!due) {
      due = true;
      loop.execute(this::readNow);
    }
  }

  private void readNow() {
    due = false;
    ByteBuffer left = bytes;
    if (left == null) {
      return;
    }
    boolean goesOn = read.test(left);
    if (bytes == null) {
      return; // dropped meanwhile
    } else if (left.hasRemaining()) {
      if (goesOn) {
        readSoon();
      }
      return;
    }
    bytes = null;
    if (goesOn) {
      stream.resumeReading();
    }
  }

  /** Forgets them: nothing more is read. */
  void drop() {
    bytes = null;
  }
}
