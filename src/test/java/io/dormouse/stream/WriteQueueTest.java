package io.dormouse.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
  private final WriteQueue queue = new WriteQueue();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  /** Takes no more than so many bytes at a time. */
  private WritableByteChannel channel(int most) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer bytes) {
        byte[] taken = new byte[Math.min(most, bytes.remaining())];
        bytes.get(taken);
        written.writeBytes(taken);
        return taken.length;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  @Test
  void whatWasBegunElsewhereGoesFirst() throws IOException {
    queue.add(bytes("second"), null, true);
    queue.addFirst(bytes("first "), null);
    assertThat(queue.writeTo(channel(100), 100)).isTrue();
    assertThat(written).hasToString("first second");
    assertThat(queue.ownBytes()).isZero();
  }

  /**
   * Outside the heap and long: it is written as it is, and all of it, whatever is taken at once.
   */
  @Test
  void longDirectBytesAreWrittenInOrderWithTheRest() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(100_000);
    while (direct.hasRemaining()) {
      direct.put((byte) 'd');
    }
    direct.flip();
    queue.add(bytes("before "), null, true);
    queue.add(direct, null, true);
    queue.add(bytes(" after"), null, true);
    while (!queue.isEmpty()) {
      boolean unused = queue.writeTo(channel(7_777), Integer.MAX_VALUE);
    }
    assertThat(written).hasToString("before " + "d".repeat(100_000) + " after");
    assertThat(direct.hasRemaining()).isFalse();
  }
}
