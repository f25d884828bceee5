package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455, section 5, byte by byte. */
class FrameReaderTest {
  private static final int MOST = 16 << 20;

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static List<String> read(byte[]... parts) {
    return Told.of(MOST, HandPeer.concat(parts));
  }

  // ----------------------------------------------------------------------------- what is allowed

  @ParameterizedTest
  @CsvSource({
    "81 05 48 65 6c 6c 6f, text Hello", // the examples of section 5.7
    "89 05 48 65 6c 6c 6f, ping 48656c6c6f",
    "8a 05 48 65 6c 6c 6f, pong 48656c6c6f",
    "01 03 48 65 6c 80 02 6c 6f, text Hello",
    "81 00, 'text '",
    "82 00, 'binary '",
    "89 00, 'ping '",
    "8a 00, 'pong '",
    "82 02 ff 00, binary ff00",
    "01 00 00 00 80 00, 'text '",
    "02 00 80 01 07, binary 07",
    "02 01 07 00 00 80 00, binary 07",
    "81 04 f0 9f 90 ad, text \uD83D\uDC2D",
    "01 02 f0 9f 80 02 90 ad, text \uD83D\uDC2D",
    "88 00, 'close 1005 '",
    "88 02 03 e8, 'close 1000 '",
    "88 04 0f a0 c3 bc, close 4000 ü",
  })
  void aFrame(String hex, String event) {
    assertThat(read(hex(hex))).containsExactly(event);
  }

  @Test
  void controlFramesMayComeBetweenFragments() {
    assertThat(read(hex("01 01 61 89 01 01 8a 01 02 80 01 62 82 01 09")))
        .containsExactly("ping 01", "pong 02", "text ab", "binary 09");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 125, 126, 127, 255, 256, 1023, 1024, 1025, 65_535, 65_536, 300_000})
  void lengthsOfAllForms(int length) {
    byte[] payload = new byte[length];
    new Random(length).nextBytes(payload);
    String text = "x".repeat(length - 1) + "y";

    assertThat(
            read(
                HandPeer.frame(true, HandPeer.BINARY, payload),
                HandPeer.frame(HandPeer.TEXT, text),
                HandPeer.frame(false, HandPeer.TEXT, HandPeer.bytes(text)),
                HandPeer.frame(HandPeer.CONTINUATION, "z")))
        .containsExactly(
            "binary " + HexFormat.of().formatHex(payload), "text " + text, "text " + text + "z");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 3999, 4000, 4999})
  void codesThatAPeerMaySend(int code) {
    assertThat(read(HandPeer.closeFrame(code))).containsExactly("close " + code + " ");
  }

  @Test
  void nothingBehindACloseFrameIsRead() {
    assertThat(
            read(
                HandPeer.frame(HandPeer.TEXT, "before"),
                HandPeer.closeFrame(1001),
                HandPeer.frame(HandPeer.TEXT, "behind"),
                hex("ff ff ff")))
        .containsExactly("text before", "close 1001 ");
  }

  // ----------------------------------------------------------------------- what breaks the rules

  @ParameterizedTest
  @CsvSource({
    "c1 , a reserved bit is set",
    "a1 , a reserved bit is set",
    "91 , a reserved bit is set",
    "89 01 01 b9 , a reserved bit is set",
    "83 , a reserved opcode",
    "87 , a reserved opcode",
    "8b , a reserved opcode",
    "8f , a reserved opcode",
    "03 , a reserved opcode",
    "09 , a control frame in fragments",
    "0a , a control frame in fragments",
    "08 , a control frame in fragments",
    "80 , a continuation of nothing",
    "00 , a continuation of nothing",
    "81 00 80 , a continuation of nothing",
    "01 00 81 , a message inside another",
    "01 00 01 , a message inside another",
    "02 00 00 00 82 , a message inside another",
    "81 80 , a server's frame is masked",
    "82 ff , a server's frame is masked",
    "89 80 , a server's frame is masked",
    "89 7e , a control frame is too long",
    "8a 7f , a control frame is too long",
    "88 7e , a control frame is too long",
    "81 7e 00 00 , a length is not in its shortest form",
    "82 7e 00 7d , a length is not in its shortest form",
    "82 7f 00 00 00 00 00 00 00 05 , a length is not in its shortest form",
    "82 7f 00 00 00 00 00 00 ff ff , a length is not in its shortest form",
    "82 7f 80 00 00 00 00 00 00 00 , a length is negative",
    "82 7f ff ff ff ff ff ff ff ff , a length is negative",
    "88 01 , a close code has one byte",
    "88 02 00 00 , a close code that may not be sent",
    "88 02 03 e7 , a close code that may not be sent",
    "88 02 03 ec , a close code that may not be sent", // 1004
    "88 02 03 ed , a close code that may not be sent", // 1005
    "88 02 03 ee , a close code that may not be sent", // 1006
    "88 02 03 f7 , a close code that may not be sent", // 1015
    "88 02 07 d0 , a close code that may not be sent", // 2000
    "88 02 0b b7 , a close code that may not be sent", // 2999
    "88 02 13 88 , a close code that may not be sent", // 5000
    "88 02 ff ff , a close code that may not be sent",
  })
  void aBrokenRuleIsFoundAtItsLastByte(String hex, String rule) {
    byte[] bytes = hex(hex);
    String broken = "broken 1002 " + rule;

    assertThat(Told.of(MOST, bytes)).last().isEqualTo(broken);
    assertThat(Told.of(MOST, Arrays.copyOf(bytes, bytes.length - 1)))
        .as("one byte less")
        .noneMatch(event -> event.startsWith("broken"));
  }

  @ParameterizedTest
  @CsvSource({
    "81 64 c3 28", // of 100 bytes, and no more have come
    "81 64 80",
    "81 64 c0",
    "81 64 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 ff",
    "81 64 ed a0",
    "81 64 f4 90",
    "81 7f 00 00 00 00 00 10 00 00 fe",
    "01 01 c3 00 64 28",
    "01 02 f0 9f 89 00 00 64 90 41",
    "88 03 03 e8 ff",
    "88 03 03 e8 c3", // cut off
    "81 01 c3",
    "01 01 c3 80 00",
    "81 03 f0 9f 90",
  })
  void whatIsNotUtf8IsFoundAtItsFirstByte(String hex) {
    byte[] bytes = hex(hex);

    assertThat(Told.of(MOST, bytes)).last().isEqualTo("broken 1007 a text is not UTF-8");
    assertThat(Told.of(MOST, Arrays.copyOf(bytes, bytes.length - 1)))
        .as("one byte less")
        .noneMatch(event -> event.startsWith("broken"));
  }

  @Test
  void bytesOfABinaryMessageMayBeAnything() {
    assertThat(read(hex("02 02 c3 28 80 02 ff 80"))).containsExactly("binary c328ff80");
  }

  @Test
  void whatWasGoodBeforeABrokenRuleIsTold() {
    assertThat(read(HandPeer.frame(HandPeer.TEXT, "good"), hex("83 00")))
        .containsExactly("text good", "broken 1002 a reserved opcode");
  }

  @Test
  void afterABrokenRuleNothingIsRead() throws FrameException {
    Told told = new Told();
    FrameReader reader = new FrameReader(told, MOST);
    assertThat(told.read(reader, hex("83"), 0, 1)).isFalse();

    ByteBuffer more = ByteBuffer.wrap(HandPeer.frame(HandPeer.TEXT, "more"));
    reader.read(more);

    assertThat(more.hasRemaining()).isFalse();
    assertThat(told.events).hasSize(1);
  }

  // ------------------------------------------------------------------------------------ the bound

  @ParameterizedTest
  @CsvSource({
    "82 05 , 5 , false",
    "82 04 01 02 03 04 , 4 , true",
    "02 03 01 02 03 80 02 , 4 , false",
    "02 03 01 02 03 80 01 04 , 4 , true",
    "02 03 01 02 03 00 00 00 00 80 00, 3 , true",
    "82 7f 7f ff ff ff ff ff ff ff , 2147483647 , false",
    "82 7f 00 00 00 00 80 00 00 00 , 2147483647 , false",
    "02 01 07 80 7f 7f ff ff ff ff ff ff ff , 1000 , false", // the sum is more than a long holds
    "01 01 61 00 7f 7f ff ff ff ff ff ff ff , 2147483647 , false",
  })
  void theFragmentsOfAMessageAreBoundTogether(String hex, int bound, boolean good) {
    int most = good ? bound : bound == Integer.MAX_VALUE ? bound : 4;

    List<String> told = Told.of(most, hex(hex));

    assertThat(told.contains("broken 1009 message too long")).isNotEqualTo(good);
  }

  /** The bound of the next message is its own. */
  @Test
  void eachMessageIsBoundByItself() {
    byte[] three = HandPeer.frame(true, HandPeer.BINARY, new byte[3]);
    byte[] fragments =
        HandPeer.concat(
            HandPeer.frame(false, HandPeer.BINARY, new byte[2]),
            HandPeer.frame(true, HandPeer.CONTINUATION, new byte[1]));

    assertThat(Told.of(3, HandPeer.concat(three, fragments, fragments, three)))
        .hasSize(4)
        .allMatch("binary 000000"::equals);
  }

  @Test
  void fourMebibytesInFragmentsOf64BytesAreAMessageLikeAnother() {
    byte[] payload = new byte[4 << 20];
    new Random(1).nextBytes(payload);
    List<byte[]> fragments = new ArrayList<>();
    for (int i = 0; i < payload.length; i += 64) {
      boolean last = i + 64 == payload.length;
      int opcode = i == 0 ? HandPeer.BINARY : HandPeer.CONTINUATION;
      fragments.add(HandPeer.frame(last, opcode, Arrays.copyOfRange(payload, i, i + 64)));
    }

    assertThat(read(fragments.toArray(new byte[0][])))
        .containsExactly("binary " + HexFormat.of().formatHex(payload));
  }

  // ------------------------------------------------------------------------------- cut anywhere

  private static final byte[] GOOD =
      HandPeer.concat(
          HandPeer.frame(HandPeer.TEXT, "grüße \uD83D\uDC2D und ASCII, das länger ist"),
          HandPeer.frame(false, HandPeer.TEXT, HandPeer.bytes("ein Anfang: ")),
          HandPeer.frame(HandPeer.PING, "p"),
          HandPeer.frame(true, HandPeer.CONTINUATION, HandPeer.bytes("ein Ende")),
          HandPeer.frame(true, HandPeer.BINARY, new byte[130]),
          HandPeer.frame(HandPeer.TEXT, ""),
          HandPeer.frame(false, HandPeer.BINARY, new byte[0]),
          HandPeer.frame(true, HandPeer.CONTINUATION, new byte[] {1}),
          HandPeer.frame(HandPeer.TEXT, "\u4E2D\u6587".repeat(40)),
          HandPeer.frame(HandPeer.PONG, "q"));

  private static final List<byte[]> ENDS =
      List.of(
          HandPeer.closeFrame(4000),
          HandPeer.frame(true, HandPeer.CLOSE, hex("03e8 c3bc")),
          hex("83 00"),
          hex("81 03 61 c3 28"),
          hex("82 7e 00 01 00"),
          hex("88 02 03 ed"),
          hex("82 7f 00 00 00 00 01 00 00 01"),
          hex("01 01 61 81 01 62"));

  @Test
  void howTheBytesAreCutMakesNoDifference() {
    Random random = new Random(42);
    for (byte[] end : ENDS) {
      byte[] all = HandPeer.concat(GOOD, end, HandPeer.frame(HandPeer.TEXT, "behind"));
      List<String> whole = Told.of(MOST, all);
      assertThat(whole).hasSize(9);
      int[] each = new int[all.length - 1];
      for (int cut = 1; cut < all.length; cut++) {
        each[cut - 1] = cut;
        assertThat(Told.of(MOST, all, cut)).as("cut at %d", cut).isEqualTo(whole);
      }
      assertThat(Told.of(MOST, all, each)).as("in single bytes").isEqualTo(whole);
      for (int i = 0; i < 500; i++) {
        int[] cuts = random.ints(random.nextInt(12), 0, all.length).sorted().toArray();
        assertThat(Told.of(MOST, all, cuts)).as(Arrays.toString(cuts)).isEqualTo(whole);
      }
    }
  }

  @Test
  void longMessagesMayBeCutAnywhereToo() {
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      String text = randomText(random, 200_000);
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      int middle = random.nextInt(utf8.length + 1);
      byte[] all =
          HandPeer.concat(
              HandPeer.frame(false, HandPeer.TEXT, Arrays.copyOf(utf8, middle)),
              HandPeer.frame(
                  true, HandPeer.CONTINUATION, Arrays.copyOfRange(utf8, middle, utf8.length)),
              HandPeer.frame(true, HandPeer.BINARY, utf8));
      int[] cuts = random.ints(random.nextInt(30), 0, all.length).sorted().toArray();
      assertThat(Told.of(MOST, all, cuts))
          .containsExactly("text " + text, "binary " + HexFormat.of().formatHex(utf8));
    }
  }

  private static String randomText(Random random, int most) {
    int[] kinds = {0x20, 0x7F, 0xE4, 0x3B1, 0x4E2D, 0x1F42D};
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(most);
    while (text.length() < length) {
      int character = kinds[random.nextInt(kinds.length)];
      for (int i = random.nextInt(100); i > 0; i--) {
        text.appendCodePoint(character);
      }
    }
    return text.toString();
  }

  // ----------------------------------------------------------------------------------- anything

  @Test
  void randomBytesAreReadOrBreakARuleAndNothingElse() {
    Random random = new Random(99);
    int broken = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      broken += count(Told.of(MOST, bytes, random.nextInt(bytes.length + 1)));
    }
    assertThat(broken).isBetween(15_000, 19_999);
  }

  @Test
  void goodFramesWithAFewWrongBytesAreReadOrBreakARuleAndNothingElse() {
    Random random = new Random(100);
    int broken = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = HandPeer.concat(GOOD, ENDS.get(0));
      for (int j = random.nextInt(3); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      broken += count(Told.of(MOST, bytes, random.nextInt(bytes.length + 1)));
    }
    assertThat(broken).isBetween(5_000, 19_999);
  }

  private static int count(List<String> told) {
    assertThat(told.stream().filter(event -> event.startsWith("left"))).isEmpty();
    return (int) told.stream().filter(event -> event.startsWith("broken")).count();
  }
}
