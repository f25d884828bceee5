package io.dormouse.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
  private final WriteQueue queue = new WriteQueue();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private int systemCalls;

  /** Takes no more than so many bytes at a time. */
  private GatheringByteChannel channel(int most) {
    return new GatheringByteChannel() {
      @Override
      public int write(ByteBuffer bytes) {
        return (int) write(new ByteBuffer[] {bytes});
      }

      @Override
      public long write(ByteBuffer[] buffers) {
        return write(buffers, 0, buffers.length);
      }

      @Override
      public long write(ByteBuffer[] buffers, int offset, int length) {
        systemCalls++;
        long left = most;
        for (ByteBuffer bytes : Arrays.asList(buffers).subList(offset, offset + length)) {
          byte[] taken = new byte[(int) Math.min(left, bytes.remaining())];
          bytes.get(taken);
          written.writeBytes(taken);
          left -= taken.length;
        }
        return most - left;
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

  private static ByteBuffer direct(char filling, int length) {
    ByteBuffer direct = ByteBuffer.allocateDirect(length);
    while (direct.hasRemaining()) {
      direct.put((byte) filling);
    }
    return direct.flip();
  }

  /** Nothing is there that it could be gathered with; {@code tcp.echo.16KiB.100}. */
  @Test
  void directBytesWithNothingBehindThemAreNotCopied() throws IOException {
    ByteBuffer direct = direct('d', 100);
    List<ByteBuffer> given = new ArrayList<>();
    GatheringByteChannel watched = watching(channel(60), given);
    queue.add(direct, null, true);
    assertThat(queue.writeTo(watched, Integer.MAX_VALUE)).isFalse();
    assertThat(queue.writeTo(watched, Integer.MAX_VALUE)).isTrue();
    assertThat(written).hasToString("d".repeat(100));
    direct.putChar(0, 'D');
    assertThat(given).hasSize(2).allMatch(bytes -> bytes.getChar(0) == 'D');
    queue.add(direct('d', 0), null, true);
    assertThat(queue.writeTo(watched, Integer.MAX_VALUE)).isTrue();
    assertThat(given).as("nothing to write, no system call").hasSize(2);
  }

  /** Tells what single buffers a channel is given. */
  private static GatheringByteChannel watching(
      GatheringByteChannel channel, List<ByteBuffer> given) {
    return (GatheringByteChannel)
        Proxy.newProxyInstance(
            WriteQueueTest.class.getClassLoader(),
            new Class<?>[] {GatheringByteChannel.class},
            (proxy, method, arguments) -> {
              given.add((ByteBuffer) arguments[0]);
              return method.invoke(channel, arguments);
            });
  }

  /**
   * Outside the heap and long: it is written as it is, and all of it, whatever is taken at once.
   */
  @Test
  void longDirectBytesAreWrittenInOrderWithTheRest() throws IOException {
    ByteBuffer direct = direct('d', 100_000);
    queue.add(bytes("before "), null, true);
    queue.add(direct, null, true);
    queue.add(bytes(" after"), null, true);
    while (!queue.isEmpty()) {
      boolean unused = queue.writeTo(channel(7_777), Integer.MAX_VALUE);
    }
    assertThat(written).hasToString("before " + "d".repeat(100_000) + " after");
    assertThat(direct.hasRemaining()).isFalse();
  }

  /** A system call may wake the peer, which costs more than copying what a small one carries. */
  @Test
  void longDirectBytesShareASystemCall() throws IOException {
    for (char filling = 'a'; filling <= 'd'; filling++) {
      queue.add(direct(filling, 50_000), null, true);
    }
    assertThat(queue.writeTo(channel(Integer.MAX_VALUE), 150_000)).isTrue();
    assertThat(systemCalls).isEqualTo(1);
    assertThat(written).hasToString("a".repeat(50_000) + "b".repeat(50_000) + "c".repeat(50_000));
    assertThat(queue.ownBytes()).isEqualTo(50_000);
  }

  @Test
  void aSystemCallThatEndsWithinALaterOneOfThemGoesOnThere() throws IOException {
    queue.add(direct('a', 50_000), null, true);
    queue.add(direct('b', 50_000), null, true);
    assertThat(queue.writeTo(channel(70_000), 150_000)).isFalse();
    assertThat(queue.ownBytes()).isEqualTo(30_000);
    assertThat(queue.writeTo(channel(70_000), 150_000)).isTrue();
    assertThat(written).hasToString("a".repeat(50_000) + "b".repeat(50_000));
  }
}
