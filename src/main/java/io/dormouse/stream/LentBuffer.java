package io.dormouse.stream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that was read into and belongs to whom it was {@linkplain Stream#lendReceived lent},
 * until it is given back.
 */
public final class LentBuffer {
  private final ReadBuffers of;
  private final ByteBuffer whole = ByteBuffer.allocateDirect(ReadBuffers.SIZE);

  /** Belongs to {@link ReadBuffers}. */
  @Nullable LentBuffer next;

  LentBuffer(ReadBuffers of) {
    this.of = of;
  }

  ByteBuffer whole() {
    return whole;
  }

  /** Returns what was received. */
  public ByteBuffer bytes() {
    return whole;
  }

  /** From now on something else may be read into it. To be called once; any thread. */
  public void giveBack() {
    of.giveBack(this);
  }
}
