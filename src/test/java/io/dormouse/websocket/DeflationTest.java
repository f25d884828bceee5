package io.dormouse.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692, section 7.2.1. */
class DeflationTest {
  private static final byte[] JSON = HandPeer.bytes("{\"name\":\"value\",\"n\":17},".repeat(3_000));

  private final int heldBefore = Zlib.held();

  private static Deflation deflation(boolean takeover, int windowBits) {
    return new Deflation(new DeflateOffer.Agreement(true, takeover, windowBits), 1);
  }

  private static Message message(byte[] payload) {
    return Message.binary(ByteBuffer.wrap(payload));
  }

  /** Compresses it at once, and returns what is in the frame. */
  private static byte[] compress(Deflation deflation, byte[] payload) {
    Message message = message(payload);
    assertThat(deflation.acquire()).isTrue();
    assertThat(deflation.compress(message, Integer.MAX_VALUE)).isEqualTo(payload.length);
    assertThat(deflation.isInside(message)).isFalse();
    deflation.release();
    return payloadOf(message.frame());
  }

  /** Takes the head and the mask away. */
  private static byte[] payloadOf(ByteBuffer frame) {
    ByteBuffer bytes = frame.duplicate();
    assertThat(bytes.get() & 0xFF).as("FIN, RSV1, binary").isEqualTo(0xC2);
    int length = bytes.get() & 0x7F;
    length =
        length == 126 ? bytes.getShort() & 0xFFFF : length == 127 ? (int) bytes.getLong() : length;
    int mask = bytes.getInt();
    assertThat(bytes.remaining()).isEqualTo(length);
    byte[] payload = new byte[length];
    bytes.get(payload);
    for (int i = 0; i < length; i++) {
      payload[i] ^= (byte) (mask >>> (24 - 8 * (i % 4)));
    }
    return payload;
  }

  private static List<String> read(boolean takeover, byte[]... compressed) {
    Told told = new Told();
    FrameReader reader = new FrameReader(told, 1 << 30);
    reader.inflateWith(new Inflation(takeover, null));
    for (byte[] each : compressed) {
      ByteBuffer bytes = ByteBuffer.wrap(InflationTest.compressedFrame(true, HandPeer.TEXT, each));
      try {
        while (bytes.hasRemaining()) {
          reader.read(bytes);
        }
      } catch (FrameException e) {
        told.events.add(e.what());
      }
    }
    reader.end();
    return told.events;
  }

  @AfterEach
  void nothingIsHeld() {
    assertThat(Zlib.held()).isEqualTo(heldBefore);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15})
  void whatIsCompressedIsInflatedAgain(int windowBits) {
    for (boolean takeover : new boolean[] {true, false}) {
      Deflation deflation = deflation(takeover, windowBits);
      for (int length : new int[] {1, 2, 255, 256, 257, 16_383, 16_384, 16_385, JSON.length}) {
        byte[] part = Arrays.copyOf(JSON, length);

        byte[] compressed = compress(deflation, part);

        assertThat(read(false, compressed).size()).as("takeover may be needed").isEqualTo(1);
        if (!takeover || windowBits < 15) {
          assertThat(read(false, compressed)).containsExactly("text " + new String(part, UTF_8));
        }
        assertThat(compressed.length).isLessThan(Math.max(40, length));
      }
      deflation.free();
    }
  }

  @Test
  void withTakeoverALaterMessageRefersToAnEarlierOne() {
    Deflation deflation = deflation(true, 15);
    byte[] first = compress(deflation, Arrays.copyOf(JSON, 1_000));
    byte[] second = compress(deflation, Arrays.copyOf(JSON, 1_000));
    assertThat(Zlib.held()).as("what later messages refer to").isEqualTo(heldBefore + 1);
    deflation.free();

    String text = new String(JSON, 0, 1_000, UTF_8);
    assertThat(second.length).isLessThan(first.length / 2);
    assertThat(read(true, first, second)).containsExactly("text " + text, "text " + text);
  }

  @Test
  void withoutTakeoverMessagesStandAloneAndNothingIsHeldBetweenThem() {
    Deflation deflation = deflation(false, 15);
    byte[] first = compress(deflation, Arrays.copyOf(JSON, 1_000));
    assertThat(Zlib.held()).isEqualTo(heldBefore);
    byte[] second = compress(deflation, Arrays.copyOf(JSON, 1_000));

    assertThat(second).isEqualTo(first);
    deflation.free();
  }

  @Test
  void withoutTakeoverMessagesThatAreCompressedInOneGoStandAloneToo() {
    Deflation deflation = deflation(false, 15);
    byte[] alone = compress(deflation, Arrays.copyOf(JSON, 1_000));
    Message first = message(Arrays.copyOf(JSON, 1_000));
    Message second = message(Arrays.copyOf(JSON, 1_000));

    assertThat(deflation.acquire()).isTrue();
    assertThat(deflation.compress(first, 1_000)).isEqualTo(1_000);
    assertThat(deflation.compress(second, 1_000)).isEqualTo(1_000);
    deflation.release();

    assertThat(payloadOf(first.frame())).isEqualTo(alone);
    assertThat(payloadOf(second.frame())).isEqualTo(alone);
    deflation.free();
  }

  /** Each 2^bits bytes are what a new deflater makes of them, so nothing refers further back. */
  @ParameterizedTest
  @CsvSource({"8", "9", "14"})
  void aSmallWindowIsKeptTo(int windowBits) {
    Deflation deflation = deflation(true, windowBits);
    byte[] before = compress(deflation, JSON);
    byte[] compressed = compress(deflation, JSON);
    assertThat(Zlib.held()).as("nothing will refer to it").isEqualTo(heldBefore);
    deflation.free();

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    int window = 1 << windowBits;
    for (int from = 0; from < JSON.length; from += window) {
      Deflater alone = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      alone.setInput(JSON, from, Math.min(window, JSON.length - from));
      byte[] out = new byte[window + 100];
      expected.write(out, 0, alone.deflate(out, 0, out.length, Deflater.SYNC_FLUSH));
      alone.end();
    }
    byte[] whole = expected.toByteArray();
    assertThat(compressed).isEqualTo(Arrays.copyOf(whole, whole.length - 4)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 16_384, 50_000, 1 << 20})
  void aMessageMayBeCompressedInParts(int part) {
    byte[] payload = new byte[300_000];
    new Random(8).nextBytes(payload);
    System.arraycopy(JSON, 0, payload, 100_000, 60_000);
    Deflation whole = deflation(false, 15);
    Deflation inParts = deflation(false, 15);
    byte[] expected = compress(whole, payload);
    Message message = message(payload);
    Deflation other = deflation(false, 15);

    int done = 0;
    do {
      assertThat(inParts.acquire()).isTrue();
      done += inParts.compress(message, part);
      inParts.release();
      byte[] unused = compress(other, Arrays.copyOf(JSON, 200)); // which uses the same scratch
    } while (inParts.isInside(message));

    assertThat(done).isEqualTo(payload.length);
    assertThat(payloadOf(message.frame())).isEqualTo(expected);
    whole.free();
    inParts.free();
    other.free();
  }

  @Test
  void inASmallWindowTooAMessageMayBeCompressedInParts() {
    byte[] payload = Arrays.copyOf(JSON, 1_000);
    Deflation deflation = deflation(true, 8);
    byte[] expected = compress(deflation, payload);
    Message message = message(payload);
    Deflation other = deflation(true, 8);

    assertThat(deflation.acquire()).isTrue();
    while (message.payload().hasRemaining()) {
      int unused = deflation.compress(message, 10);
      byte[] between = compress(other, Arrays.copyOf(JSON, 500));
      assertThat(between).isNotEmpty();
      if (!deflation.isInside(message)) {
        break;
      }
    }
    deflation.release();

    assertThat(payloadOf(message.frame())).isEqualTo(expected);
    deflation.free();
    other.free();
  }

  @Test
  void whatIsUsedIsFreedWhenThatIsOver() {
    Deflation deflation = deflation(true, 15);
    assertThat(deflation.acquire()).isTrue();
    int unused = deflation.compress(message(JSON), 20_000);

    deflation.free();
    assertThat(Zlib.held()).as("in use").isEqualTo(heldBefore + 1);
    deflation.release();

    assertThat(Zlib.held()).isEqualTo(heldBefore);
    assertThat(deflation.acquire()).isFalse();
  }

  @Test
  void onlyDataOfSomeLengthIsCompressed() {
    Deflation deflation = new Deflation(new DeflateOffer.Agreement(true, true, 15), 10);
    assertThat(deflation.isFor(message(new byte[9]))).isFalse();
    assertThat(deflation.isFor(message(new byte[10]))).isTrue();
    assertThat(deflation.isFor(Message.text("x".repeat(10)))).isTrue();
    assertThat(deflation.isFor(Message.ping(ByteBuffer.allocate(10)))).isFalse();
    assertThat(new Deflation(new DeflateOffer.Agreement(true, true, 15), 0).isFor(Message.text("")))
        .as("an empty one")
        .isFalse();
  }

  @Test
  void directAndReadOnlyPayloadsAreCompressed() {
    ByteBuffer direct = ByteBuffer.allocateDirect(JSON.length).put(JSON).flip();
    Deflation deflation = deflation(false, 15);
    byte[] expected = compress(deflation, JSON);
    for (ByteBuffer each : new ByteBuffer[] {direct, direct.asReadOnlyBuffer()}) {
      Message message = Message.binary(each);
      assertThat(deflation.acquire()).isTrue();
      int unused = deflation.compress(message, Integer.MAX_VALUE);
      deflation.release();
      assertThat(payloadOf(message.frame())).isEqualTo(expected);
      assertThat(each.remaining()).isEqualTo(JSON.length);
    }
    deflation.free();
  }

  @Test
  void theFrameOfATextSaysSo() {
    Message text = Message.text(new String(JSON, UTF_8));
    Deflation deflation = deflation(false, 15);
    assertThat(deflation.acquire()).isTrue();
    int unused = deflation.compress(text, Integer.MAX_VALUE);
    deflation.release();
    deflation.free();

    assertThat(text.frame().get(0)).isEqualTo((byte) 0xC1);
  }
}
