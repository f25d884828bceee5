package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message costs on its way in. */
class IncomingTest {
  private static final int READ = 64 * 1024;
  private static final int LONG = 16 << 20;

  private final List<Incoming> messages = new ArrayList<>();
  private final FrameReader reader = new FrameReader(new Kept(), 1 << 30);

  private final class Kept implements FrameReader.Listener {
    @Override
    public void text(String text, int bytes) {}

    @Override
    public void message(Incoming message) {
      messages.add(message);
    }

    @Override
    public void ping(ByteBuffer data) {}

    @Override
    public void pong(ByteBuffer data) {}

    @Override
    public void close(int code, String reason) {}
  }

  private void read(ByteBuffer bytes) {
    try {
      reader.read(bytes);
    } catch (FrameException e) {
      throw new AssertionError(e);
    }
  }

  /** As a stream reads: always into the same memory. */
  private void readAll(int opcode, int length, byte fill) {
    read(ByteBuffer.wrap(HandPeer.head(true, opcode, length)));
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    for (int left = length; left > 0; left -= buffer.limit()) {
      buffer.clear();
      for (int i = 0; i < Math.min(left, READ); i++) {
        buffer.put(fill);
      }
      read(buffer.flip());
    }
  }

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Ten bytes are the head of a message of 16 MiB, of which nothing comes. */
  @Test
  void whatIsAnnouncedCostsNothingBeforeItComes() {
    ByteBuffer head = ByteBuffer.wrap(HandPeer.head(true, HandPeer.BINARY, LONG));
    ByteBuffer one = ByteBuffer.wrap(new byte[1]);
    read(ByteBuffer.wrap(HandPeer.frame(HandPeer.PING, ""))); // so that all classes are there

    assertThat(allocatedBy(() -> read(head))).isLessThan(4 * 1024);
    assertThat(allocatedBy(() -> read(one))).isLessThan(16 * 1024);
  }

  @Test
  void memoryGrowsWithWhatComesAndNoStepIsALongOne() {
    read(ByteBuffer.wrap(HandPeer.head(true, HandPeer.BINARY, LONG)));
    ByteBuffer part = ByteBuffer.allocateDirect(1_000);
    long all = 0;
    for (int come = 1_000; come < 2_000_000; come += 1_000) {
      long cost = allocatedBy(() -> read(part.clear()));
      assertThat(cost).as("at %d", come).isLessThan(300 * 1024);
      all += cost;
      assertThat(all).as("at %d", come).isLessThan(3L * come + 64 * 1024);
    }
  }

  /** The loop's thread copies once, and decodes nothing. */
  @ParameterizedTest
  @ValueSource(ints = {HandPeer.TEXT, HandPeer.BINARY})
  void theReaderTakesALongMessageWithOneCopy(int opcode) {
    readAll(opcode, LONG, (byte) 'x');
    messages.clear();

    long cost = allocatedBy(() -> readAll(opcode, LONG, (byte) 'x'));

    assertThat(messages).hasSize(1);
    assertThat(cost).isLessThan(LONG + LONG / 8);
  }

  /** What came in one read, or is short, is not copied again. */
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 5_000, 60_000})
  void aShortBinaryMessageIsHandedOutAsItCame(int length) {
    readAll(HandPeer.BINARY, length, (byte) 7);
    Incoming message = messages.get(0);

    ByteBuffer[] data = new ByteBuffer[1];
    assertThat(allocatedBy(() -> data[0] = message.binary())).isLessThan(length / 2 + 200);

    assertThat(data[0].remaining()).isEqualTo(length);
    assertThat(data[0].array()).as("no more than the message").hasSize(length);
  }

  @Test
  void whatComesInFragmentsIsHandedOutWithoutMore() {
    byte[] part = new byte[3_000];
    read(ByteBuffer.wrap(HandPeer.frame(false, HandPeer.BINARY, part)));
    read(ByteBuffer.wrap(HandPeer.frame(true, HandPeer.CONTINUATION, part)));

    assertThat(messages.get(0).binary().array()).hasSize(6_000);
  }

  @Test
  void onceTakenTheBytesAreLetGo() {
    readAll(HandPeer.TEXT, 1 << 20, (byte) 'x');
    Incoming message = messages.get(0);

    assertThat(message.text()).hasSize(1 << 20);

    assertThat(message.text()).isEmpty();
  }

  // ----------------------------------------------------------------------------- a small heap

  /** 40 MB of text; what an old and a young generation need beside it is the collector's. */
  @ParameterizedTest
  @ValueSource(strings = {"x", "\u0436", "\u4E2D", "\uD83D\uDC2D"})
  void aTextNeedsTwiceItsSize(String character) throws Exception {
    assertThat(exitOfSmallHeap("-Xmx150m", "text", character)).isZero();
  }

  @Test
  void binaryNeedsTwiceItsSize() throws Exception {
    assertThat(exitOfSmallHeap("-Xmx150m", "binary", "x")).isZero();
  }

  private static int exitOfSmallHeap(String heap, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(heap, "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.add(SmallHeap.class.getName());
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream said = process.getInputStream()) {
      String output = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      assertThat(output).isEmpty();
      return exit;
    }
  }

  /** Reads a message of 40 MB. */
  static final class SmallHeap {
    private static final int SIZE = 40_000_000;

    private SmallHeap() {}

    /** Runs the process. */
    public static void main(String[] args) {
      byte[] character = args[1].getBytes(StandardCharsets.UTF_8);
      int length = SIZE / character.length * character.length;
      IncomingTest test = new IncomingTest();
      int opcode = args[0].equals("text") ? HandPeer.TEXT : HandPeer.BINARY;
      test.read(ByteBuffer.wrap(HandPeer.head(true, opcode, length)));
      ByteBuffer part = ByteBuffer.allocateDirect(character.length * 10_000);
      while (part.hasRemaining()) {
        part.put(character);
      }
      for (int left = length; left > 0; left -= part.limit()) {
        part.clear().limit(Math.min(left, part.capacity()));
        test.read(part);
      }
      Incoming message = test.messages.remove(0);
      int got = opcode == HandPeer.TEXT ? message.text().length() : message.binary().remaining();
      int chars = opcode == HandPeer.TEXT ? args[1].length() : character.length;
      System.exit(got == length / character.length * chars ? 0 : 1);
    }
  }
}
