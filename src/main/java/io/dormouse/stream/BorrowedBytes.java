package io.dormouse.stream;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Bytes that a callback has for the time of its call. Any thread. */
public final class BorrowedBytes {
  private static final ThreadLocal<BorrowedBytes> OF_THREAD =
      ThreadLocal.withInitial(BorrowedBytes::new);

  private int calls; // of callbacks that borrow, on this thread

  private BorrowedBytes() {}

  /**
   * Calls a callback with these bytes, to be read only. What it keeps of that is empty after the
   * call, so that a use which comes too late fails, instead of reading what has come since.
   */
  public static void lend(ByteBuffer bytes, Consumer<? super ByteBuffer> callback) {
    ByteBuffer lent = bytes.asReadOnlyBuffer();
    BorrowedBytes here = OF_THREAD.get();
    here.calls++;
    try {
      callback.accept(lent);
    } finally {
      here.calls--;
      ((Buffer) lent).limit(0);
    }
  }

  /**
   * Returns the same bytes for later use: a copy, if they may be lent to the callback that runs on
   * this thread. A slice of a buffer does not tell whose it is, but that it is one of these it does
   * not hide.
   */
  public static ByteBuffer keep(ByteBuffer bytes) {
    ByteBuffer same = bytes.duplicate();
    if (!bytes.isDirect() || !bytes.isReadOnly() || OF_THREAD.get().calls == 0) {
      return same;
    }
    ByteBuffer copy = ByteBuffer.allocate(same.remaining());
    copy.put(same);
    ((Buffer) copy).flip();
    return copy;
  }
}
