package io.dormouse.tcp;

import io.dormouse.stream.BorrowedBytes;
import io.dormouse.stream.LentBuffer;
import io.dormouse.stream.Stream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands bytes to a callback that has them for the time of its call. */
final class Borrowing implements Input {
  /** Fewer bytes are copied sooner than a buffer is lent, and take less memory while they wait. */
  static final int FEWEST_BYTES = 2 * 1024;

  /**
   * What one connection borrows at most, so that a slow callback leaves some to the others. As many
   * as are read in one turn.
   */
  static final int MOST_BUFFERS = 8;

  private static final AtomicIntegerFieldUpdater<Borrowing> BORROWED =
      AtomicIntegerFieldUpdater.newUpdater(Borrowing.class, "borrowed");

  private final Consumer<ByteBuffer> callback;
  private volatile int borrowed; // buffers

  Borrowing(Consumer<ByteBuffer> callback) {
    this.callback = callback;
  }

  @Override
  public void received(ByteBuffer bytes) {
    BorrowedBytes.lend(bytes, callback);
  }

  @Override
  public @Nullable LentBuffer borrow(Stream stream, int size) {
    if (size < FEWEST_BYTES || borrowed >= MOST_BUFFERS) {
      return null;
    }
    LentBuffer lent = stream.lendReceived();
    if (lent != null) {
      BORROWED.incrementAndGet(this);
    }
    return lent;
  }

  @Override
  public void giveBack(LentBuffer lent) {
    BORROWED.decrementAndGet(this);
    lent.giveBack();
  }
}
