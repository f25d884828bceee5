package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692, sections 6 and 7.2.2, byte by byte. */
class InflationTest {
  private static final int MOST = 16 << 20;

  private final Told told = new Told();
  private final FrameReader reader = reader(MOST, true);
  private final int heldBefore = Zlib.held();

  @AfterEach
  void nothingIsHeld() {
    reader.end();
    assertThat(Zlib.held()).as("what zlib holds").isEqualTo(heldBefore);
  }

  private FrameReader reader(int most, boolean takeover) {
    FrameReader made = new FrameReader(told, most);
    made.inflateWith(new Inflation(takeover, null));
    return made;
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private List<String> read(byte[]... parts) {
    return told.of(reader, HandPeer.concat(parts));
  }

  /** Compresses as a server does. */
  static final class Sender {
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final boolean takeover;

    Sender(boolean takeover) {
      this.takeover = takeover;
    }

    byte[] compress(byte[] payload) {
      if (payload.length == 0) {
        return new byte[1]; // section 7.2.3.6
      }
      deflater.setInput(payload);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[1 << 16];
      for (int n = piece.length; n == piece.length; ) {
        n = deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH);
        all.write(piece, 0, n);
      }
      if (!takeover) {
        deflater.reset();
      }
      byte[] bytes = all.toByteArray();
      assertThat(bytes).endsWith(0, 0, 0xFF, 0xFF);
      return Arrays.copyOf(bytes, bytes.length - 4);
    }

    byte[] frame(int opcode, byte[] payload) {
      return compressedFrame(true, opcode, compress(payload));
    }

    byte[] text(String text) {
      return frame(HandPeer.TEXT, HandPeer.bytes(text));
    }
  }

  static byte[] compressedFrame(boolean fin, int opcode, byte[] compressed) {
    byte[] frame = HandPeer.frame(fin, opcode, compressed);
    frame[0] |= 0x40;
    return frame;
  }

  // ----------------------------------------------------------------- the examples of section 7.2.3

  @ParameterizedTest
  @CsvSource({
    "c1 07 f2 48 cd c9 c9 07 00, text Hello", // 7.2.3.1
    "41 03 f2 48 cd 80 04 c9 c9 07 00, text Hello",
    "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00, text Hello", // 7.2.3.3
    "c1 08 f3 48 cd c9 c9 07 00 00, text Hello", // 7.2.3.4
    "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00, text Hello", // 7.2.3.5
    "c1 01 00, 'text '", // 7.2.3.6
    "c2 01 00, 'binary '",
    "c1 00, 'text '",
    "41 00 00 00 80 01 00, 'text '",
    "41 00 80 00, 'text '",
    "41 07 f2 48 cd c9 c9 07 00 80 00, text Hello",
    "81 05 48 65 6c 6c 6f, text Hello", // not compressed
    "01 02 48 65 80 03 6c 6c 6f, text Hello",
  })
  void aMessage(String hex, String event) {
    assertThat(read(hex(hex))).containsExactly(event);
  }

  @Test
  void messagesShareTheirWindow() {
    assertThat(read(hex("c1 07 f2 48 cd c9 c9 07 00"), hex("c1 05 f2 00 11 00 00")))
        .containsExactly("text Hello", "text Hello"); // 7.2.3.2
  }

  /** Section 7.2.3.4: a block that says it is the last one, in the middle and more than once. */
  @Test
  void aStreamMayEndWithinAMessage() {
    byte[] all =
        HandPeer.concat(
            ended("Hello "),
            ended(""),
            ended("wor"),
            new Sender(true).compress(HandPeer.bytes("ld!")));
    for (int cut = 0; cut <= all.length; cut++) {
      byte[] first = Arrays.copyOf(all, cut);
      byte[] rest = Arrays.copyOfRange(all, cut, all.length);
      told.events.clear();
      assertThat(
              read(
                  compressedFrame(false, HandPeer.TEXT, first),
                  HandPeer.frame(HandPeer.PING, "p"),
                  HandPeer.frame(true, HandPeer.CONTINUATION, rest),
                  new Sender(true).text("the next")))
          .as("cut at %d", cut)
          .containsExactly("ping 70", "text Hello world!", "text the next");
    }
  }

  private static byte[] ended(String text) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    deflater.setInput(HandPeer.bytes(text));
    deflater.finish();
    byte[] out = new byte[100];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  @Test
  void withoutTakeoverAMessageMustNotReferToAnEarlierOne() {
    FrameReader alone = reader(MOST, false);

    assertThat(told.of(alone, hex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00")))
        .containsExactly("text Hello", "broken 1007 compressed data is corrupt");
  }

  @Test
  void withoutTakeoverNothingIsHeldBetweenMessages() {
    FrameReader alone = reader(MOST, false);

    assertThat(told.of(alone, hex("41 03 f2 48 cd"))).isEmpty();
    assertThat(Zlib.held()).as("within a message").isEqualTo(heldBefore + 1);
    assertThat(told.of(alone, hex("80 04 c9 c9 07 00"))).containsExactly("text Hello");
    assertThat(Zlib.held()).as("after it").isEqualTo(heldBefore);
  }

  @Test
  void nothingIsHeldBeforeTheFirstMessageThatIsCompressed() {
    assertThat(read(HandPeer.frame(HandPeer.TEXT, "plain"))).containsExactly("text plain");
    assertThat(Zlib.held()).isEqualTo(heldBefore);
  }

  @Test
  void aCloseFrameAndABrokenRuleGiveAllBack() {
    assertThat(read(hex("c1 07 f2 48 cd c9 c9 07 00"), HandPeer.closeFrame(1000))).hasSize(2);
    assertThat(Zlib.held()).isEqualTo(heldBefore);

    FrameReader other = reader(MOST, true);
    assertThat(told.of(other, hex("41 03 f2 48 cd 83")))
        .last()
        .isEqualTo("broken 1002 a reserved opcode");
    assertThat(Zlib.held()).isEqualTo(heldBefore);
  }

  // -------------------------------------------------------------------------------------- frames

  @Test
  void controlFramesAndUncompressedMessagesMayComeBetween() {
    assertThat(
            read(
                hex("41 03 f2 48 cd"),
                HandPeer.frame(HandPeer.PING, "p"),
                hex("00 00"),
                HandPeer.frame(HandPeer.PONG, "q"),
                hex("80 04 c9 c9 07 00"),
                HandPeer.frame(HandPeer.TEXT, "plain"),
                hex("c1 05 f2 00 11 00 00")))
        .containsExactly("ping 70", "pong 71", "text Hello", "text plain", "text Hello");
  }

  @ParameterizedTest
  @CsvSource({
    "c9 00 , a reserved bit is set", // a ping
    "ca 00 , a reserved bit is set",
    "c8 00 , a reserved bit is set",
    "41 00 c0 , a reserved bit is set", // a continuation
    "01 00 40 , a reserved bit is set",
    "e1 , a reserved bit is set",
    "d1 , a reserved bit is set",
    "a1 , a reserved bit is set",
    "c3 , a reserved bit is set",
    "c0 , a reserved bit is set",
    "41 00 c1 , a message inside another",
  })
  void onlyTheFirstFrameOfAMessageSaysThatItIsCompressed(String hex, String rule) {
    assertThat(read(hex(hex))).containsExactly("broken 1002 " + rule);
  }

  @Test
  void whatWasNotAgreedOnIsNotInflated() {
    assertThat(Told.of(MOST, hex("c1 07 f2 48 cd c9 c9 07 00")))
        .containsExactly("broken 1002 a reserved bit is set");
  }

  // ---------------------------------------------------------------------------------- wrong data

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c1 01 07", // a block of the third kind
        "c2 05 00 05 00 00 00",
        "c2 04 f2 00 11 00", // far back, where nothing is
        "42 02 ff ff",
        "c2 0a ff ff ff ff ff ff ff ff ff ff",
      })
  void corruptDataBreaksTheConnection(String hex) {
    assertThat(read(hex(hex))).containsExactly("broken 1007 compressed data is corrupt");
  }

  @Test
  void randomBytesInflateOrBreakARuleAndNothingElse() {
    Random random = new Random(5);
    int broken = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      Told each = new Told();
      FrameReader one = new FrameReader(each, MOST);
      one.inflateWith(new Inflation(random.nextBoolean(), null));
      List<String> events = each.of(one, compressedFrame(true, HandPeer.BINARY, bytes));
      one.end();
      assertThat(events).as("%d", i).hasSizeLessThan(2);
      broken += events.isEmpty() || events.get(0).startsWith("broken") ? 1 : 0;
    }
    assertThat(broken).isBetween(2_500, 5_000);
  }

  @Test
  void textIsValidatedAsItInflates() {
    byte[] wrong = HandPeer.bytes("x".repeat(100_000) + "?" + "x".repeat(100_000));
    wrong[100_000] = (byte) 0xFF;
    byte[] frame = new Sender(true).frame(HandPeer.TEXT, wrong);

    int unused = readAll(Arrays.copyOf(frame, frame.length - 60));

    assertThat(told.events)
        .as("before the message is complete")
        .containsExactly("broken 1007 a text is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1023, 1024, 1025, 16_383, 16_384, 16_385, 100_000})
  void aCharacterThatIsCutOffAtTheEndIsNoText(int length) {
    byte[] wrong = HandPeer.bytes("x".repeat(length));
    wrong[length - 1] = (byte) 0xC3;

    int unused = readAll(new Sender(true).frame(HandPeer.TEXT, wrong));

    assertThat(told.events).containsExactly("broken 1007 a text is not UTF-8");
  }

  // ------------------------------------------------------------------------------------- lengths

  @ParameterizedTest
  @ValueSource(
      ints = {1, 125, 1023, 1024, 1025, 4095, 4096, 16_383, 16_384, 16_385, 65_536, 300_000})
  void messagesOfAllLengths(int length) {
    Sender sender = new Sender(true);
    byte[] random = new byte[length];
    new Random(length).nextBytes(random);
    String grey = "\uD83D\uDC2D ein Text, ".repeat(length / 12 + 1).substring(0, length);
    String whole = grey.endsWith("\uD83D") ? grey + "\uDC2D" : grey;

    readAll(
        sender.frame(HandPeer.BINARY, random),
        sender.text(whole),
        sender.text("x".repeat(length)),
        sender.frame(HandPeer.BINARY, random));

    assertThat(told.events)
        .containsExactly(
            "binary " + HexFormat.of().formatHex(random),
            "text " + whole,
            "text " + "x".repeat(length),
            "binary " + HexFormat.of().formatHex(random));
  }

  /** Reads again what a read has left, as a wire does. */
  private int readAll(byte[]... parts) {
    ByteBuffer bytes = ByteBuffer.wrap(HandPeer.concat(parts));
    int reads = 0;
    try {
      while (bytes.hasRemaining()) {
        reader.read(bytes);
        reads++;
      }
    } catch (FrameException e) {
      told.events.add("broken " + e.code() + " " + e.what());
    }
    return reads;
  }

  @Test
  void howTheBytesAreCutMakesNoDifference() {
    Sender sender = new Sender(true);
    byte[] long1 = sender.compress(HandPeer.bytes("grüße \uD83D\uDC2D und mehr ".repeat(40)));
    byte[] all =
        HandPeer.concat(
            sender.text("eins"),
            compressedFrame(false, HandPeer.TEXT, Arrays.copyOf(long1, 20)),
            HandPeer.frame(HandPeer.PING, "p"),
            HandPeer.frame(
                true, HandPeer.CONTINUATION, Arrays.copyOfRange(long1, 20, long1.length)),
            HandPeer.frame(HandPeer.TEXT, "plain"),
            sender.text("eins"),
            HandPeer.closeFrame(4000));
    Told whole = new Told();
    assertThat(whole.of(readerOf(whole), all)).hasSize(6);
    int[] each = new int[all.length - 1];
    for (int cut = 1; cut < all.length; cut++) {
      each[cut - 1] = cut;
      Told cutOnce = new Told();
      assertThat(cutOnce.of(readerOf(cutOnce), all, cut))
          .as("cut at %d", cut)
          .isEqualTo(whole.events);
    }
    Told inBytes = new Told();
    assertThat(inBytes.of(readerOf(inBytes), all, each)).isEqualTo(whole.events);
  }

  /** They use the same memory, one after the other. */
  @Test
  void readersOfOneThreadDoNotMixWhatTheyInflate() {
    byte[] compressed = new Sender(true).compress(HandPeer.bytes("abc".repeat(30) + "def"));
    byte[] all =
        HandPeer.concat(compressedFrame(true, HandPeer.TEXT, compressed), inBytes(compressed));
    Told others = new Told();
    byte[] zeros = new Sender(true).frame(HandPeer.BINARY, new byte[1_000]);

    FrameReader other = readerOf(others);
    for (byte b : all) {
      List<String> unused = told.of(reader, new byte[] {b});
      unused = others.of(other, zeros);
    }
    other.end();

    String text = "text " + "abc".repeat(30) + "def";
    assertThat(told.events).containsExactly(text, text);
  }

  /** A text, each byte of which is a fragment. */
  private static byte[] inBytes(byte[] compressed) {
    byte[] all = compressedFrame(false, HandPeer.TEXT, new byte[0]);
    for (byte b : compressed) {
      all = HandPeer.concat(all, HandPeer.frame(false, HandPeer.CONTINUATION, new byte[] {b}));
    }
    return HandPeer.concat(all, HandPeer.frame(true, HandPeer.CONTINUATION, new byte[0]));
  }

  private static FrameReader readerOf(Told told) {
    FrameReader made = new FrameReader(told, MOST);
    made.inflateWith(new Inflation(true, null));
    return made;
  }

  // ------------------------------------------------------------------------------------ the bound

  @ParameterizedTest
  @CsvSource({
    "1000, 1000, true",
    "1000, 1001, false",
    "16384, 16384, true",
    "16384, 16385, false",
    "70000, 70000, true",
    "70000, 70001, false"
  })
  void theBoundHoldsForWhatIsInflated(int bound, int length, boolean good) {
    FrameReader bounded = reader(bound, true);
    byte[] compressed = new Sender(true).compress(new byte[length]);
    byte[] fragments =
        HandPeer.concat(
            compressedFrame(false, HandPeer.BINARY, Arrays.copyOf(compressed, 5)),
            HandPeer.frame(
                true, HandPeer.CONTINUATION, Arrays.copyOfRange(compressed, 5, compressed.length)));
    ByteBuffer bytes = ByteBuffer.wrap(fragments);
    String end = "none";
    try {
      while (bytes.hasRemaining()) {
        bounded.read(bytes);
      }
    } catch (FrameException e) {
      end = e.code() + " " + e.what();
    }
    bounded.end();

    assertThat(end).isEqualTo(good ? "none" : "1009 message too long");
    assertThat(told.events).hasSize(good ? 1 : 0);
  }

  /** A message may be longer compressed than it is. */
  @Test
  void theBoundIsNotThatOfTheCompressedLength() {
    byte[] random = new byte[1000];
    new Random(1).nextBytes(random);
    byte[] frame = new Sender(true).frame(HandPeer.BINARY, random);
    assertThat(frame.length).isGreaterThan(1004);

    assertThat(told.of(reader(1000, false), frame))
        .containsExactly("binary " + HexFormat.of().formatHex(random));
  }

  @Test
  void aBombIsFoundAtTheBoundAndNotLater() {
    byte[] bomb = new Sender(true).frame(HandPeer.BINARY, new byte[256 << 20]);
    assertThat(bomb.length).isLessThan(300_000);
    int reads = readAll(bomb);

    assertThat(told.events).containsExactly("broken 1009 message too long");
    assertThat(reads).isBetween(MOST / InflateShare.MOST - 1, MOST / InflateShare.MOST * 11 / 10);
  }

  @Test
  void oneReadInflatesItsShareAndLeavesTheRest() throws FrameException {
    Sender sender = new Sender(false);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      frames.add(sender.frame(HandPeer.BINARY, new byte[100_000]));
    }
    ByteBuffer bytes = ByteBuffer.wrap(HandPeer.concat(frames.toArray(new byte[0][])));
    int before = bytes.remaining();

    for (int reads = 1; bytes.hasRemaining(); reads++) {
      reader.read(bytes);
      assertThat(reader.dataSinceAsked()).isLessThanOrEqualTo(InflateShare.MOST + (32 << 10));
      assertThat(told.events.size()).isLessThanOrEqualTo(reads);
    }

    assertThat(before).isLessThan(10_000);
    assertThat(told.events).hasSize(50);
  }

  /** However many there are, an iteration of the loop takes about as long. */
  @Test
  void manyConnectionsShareWhatOneIterationInflates() {
    ManualLoop loop = new ManualLoop();
    byte[] bomb = new Sender(false).frame(HandPeer.BINARY, new byte[8 << 20]);
    List<FrameReader> readers = new ArrayList<>();
    List<ByteBuffer> unread = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      FrameReader each = new FrameReader(new Told(), MOST);
      each.inflateWith(new Inflation(true, loop));
      readers.add(each);
      unread.add(ByteBuffer.wrap(bomb));
    }
    for (int iteration = 0; iteration < 3; iteration++) {
      int[] inflated = new int[50];
      loop.execute(
          () -> {
            for (int i = 0; i < 50; i++) {
              try {
                readers.get(i).read(unread.get(i));
              } catch (FrameException e) {
                throw new AssertionError(e);
              }
              inflated[i] = readers.get(i).dataSinceAsked();
            }
          });
      loop.run();
      assertThat(loop.thrown()).isEmpty();
      assertThat(inflated[0]).isBetween(60_000, InflateShare.MOST);
      assertThat(Arrays.stream(inflated).skip(1))
          .allSatisfy(each -> assertThat(each).isBetween(800, 1_200));
    }
    readers.forEach(FrameReader::end);
  }

  @Test
  void theShareIsRenewedThoughOnceThereWasNoMemoryForThat() {
    InflateShare share = InflateShare.ofThisThread();
    ManualLoop loop = new ManualLoop();
    Loop full =
        (Loop)
            Proxy.newProxyInstance(
                Loop.class.getClassLoader(),
                new Class<?>[] {Loop.class},
                (proxy, method, arguments) -> {
                  throw new OutOfMemoryError("played");
                });
    assertThatThrownBy(() -> share.used(InflateShare.MOST, full))
        .isInstanceOf(OutOfMemoryError.class);

    loop.execute(() -> share.used(1, loop));
    loop.run();

    assertThat(share.left()).isEqualTo(InflateShare.MOST);
  }

  /** Empty blocks inflate to nothing, and cost time all the same. */
  @Test
  void dataThatInflatesToNothingHasItsShareToo() throws FrameException {
    byte[] blocks = new byte[60_000];
    byte[] last = hex("03 00"); // the last block of a stream, which is empty
    for (int i = 0; i < blocks.length; i += 2) {
      System.arraycopy(last, 0, blocks, i, 2);
    }
    ByteBuffer bytes = ByteBuffer.wrap(compressedFrame(true, HandPeer.BINARY, blocks));

    reader.read(bytes);

    assertThat(bytes.remaining()).isGreaterThan(50_000);
  }

  @Test
  void aTextOfManyKindsOfCharactersIsDecoded() {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < 400_000) {
      text.appendCodePoint(random.nextInt(0xD800)).append(" ASCII ");
    }
    readAll(new Sender(true).text(text.toString()));

    assertThat(told.events).containsExactly("text " + text);
    assertThat(text.toString().getBytes(StandardCharsets.UTF_8).length).isGreaterThan(400_000);
  }
}
