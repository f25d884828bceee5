package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.java_websocket.exceptions.LimitExceededException;
import org.junit.jupiter.api.Test;

class BoundedDraftTest {
  /** Larger than any array, so that it fits on no machine. The error would end the I/O thread. */
  @Test
  void aFrameThatMemoryCannotHoldIsTooLongAndNoError() {
    BoundedDraft draft = new BoundedDraft(Integer.MAX_VALUE);
    byte[] head = HandPeer.head(true, HandPeer.BINARY, Integer.MAX_VALUE);

    assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(head)))
        .isInstanceOf(LimitExceededException.class);
  }
}
