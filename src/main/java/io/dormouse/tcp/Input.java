package io.dormouse.tcp;

import java.nio.ByteBuffer;

/** Takes what one generation receives, in order, on the callback executor. */
interface Input {
  /** Bytes came, which are the receiver's own. */
  void received(ByteBuffer bytes);

  /** The peer has ended its side: nothing more will come. */
  default void ended() {}
}
