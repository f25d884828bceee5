package io.dormouse.tcp;

import io.dormouse.stream.LentBuffer;
import io.dormouse.stream.Stream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes what one generation receives, in order, on the callback executor. */
interface Input {
  /** Bytes came, which are the receiver's own, or {@linkplain #borrow borrowed}. */
  void received(ByteBuffer bytes);

  /** The peer has ended its side: nothing more will come. */
  default void ended() {}

  /**
   * Borrows the buffer of the bytes that have just been read, for {@link #received}.
   *
   * @param size so many bytes were read
   * @return null if they are to be copied. Loop only
   */
  default @Nullable LentBuffer borrow(Stream stream, int size) {
    return null;
  }

  /** Gives a borrowed buffer back, after it was received or in place of that. Any thread. */
  default void giveBack(LentBuffer borrowed) {
    borrowed.giveBack();
  }
}
