package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Messages must not depend on how the network has cut the bytes: each test cuts them anywhere. */
class FramingTest {
  /** What became of a stream of bytes: messages, and what ended it. */
  private record Outcome(List<String> messages, List<String> failures) {}

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String text(Object message) {
    return message instanceof ByteBuffer bytes
        ? ISO_8859_1.decode(bytes.duplicate()).toString()
        : message.toString();
  }

  private static <M> Outcome outcome(Framing<M> framing, byte[] stream, int... cuts) {
    Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
    Messages<M> messages =
        new Messages<>(
            framing,
            message -> outcome.messages.add(text(message)),
            reason -> outcome.failures.add(reason.toString()));
    int from = 0;
    for (int cut : cuts) {
      messages.received(ByteBuffer.wrap(Arrays.copyOfRange(stream, from, cut)));
      from = cut;
    }
    messages.received(ByteBuffer.wrap(Arrays.copyOfRange(stream, from, stream.length)));
    messages.ended();
    return outcome;
  }

  /** Feeds a stream whole, in bytes, and in three pieces in every way. */
  private static <M> Outcome cutAnywhere(Framing<M> framing, byte[] stream) {
    Outcome whole = outcome(framing, stream);
    int[] everywhere = new int[stream.length];
    for (int i = 0; i < stream.length; i++) {
      everywhere[i] = i;
    }
    assertThat(outcome(framing, stream, everywhere)).as("byte by byte").isEqualTo(whole);
    for (int i = 0; i <= stream.length; i++) {
      for (int j = i; j <= stream.length; j++) {
        assertThat(outcome(framing, stream, i, j)).as("cut at %s and %s", i, j).isEqualTo(whole);
      }
    }
    return whole;
  }

  private static <M> void assertMessages(Framing<M> framing, String stream, String... expected) {
    Outcome outcome = cutAnywhere(framing, bytes(stream));
    assertThat(outcome.messages).containsExactly(expected);
    assertThat(outcome.failures).isEmpty();
  }

  private static <M> void assertFails(
      Framing<M> framing, String stream, String failure, String... before) {
    Outcome outcome = cutAnywhere(framing, bytes(stream));
    assertThat(outcome.messages).containsExactly(before);
    assertThat(outcome.failures).containsExactly(failure);
  }

  // --------------------------------------------------------------------------------------- lines

  @Test
  void linesEndWithALineFeedOrBoth() {
    assertMessages(
        Framing.lines(10), "one\ntwo\r\n\n\r\nthr\ree\n", "one", "two", "", "", "thr\ree");
  }

  @Test
  void aLastLineWithoutAnEndIsDropped() {
    assertMessages(Framing.lines(10), "one\ntw", "one");
    assertMessages(Framing.lines(10), "one\ntw\r", "one");
  }

  @Test
  void aLineAsLongAsTheBoundIsTaken() {
    assertMessages(Framing.lines(4), "1234\n1234\r\n", "1234", "1234");
  }

  @Test
  void aLineLongerThanTheBoundEndsTheGeneration() {
    String failure = "LIMIT_EXCEEDED (a message of more than 4 bytes)";
    assertFails(Framing.lines(4), "one\n12345\ntwo\n", failure, "one");
    assertFails(Framing.lines(4), "one\n12345\r\ntwo\n", failure, "one");
    assertFails(Framing.lines(4), "one\n1234\r5\n", failure, "one");
    assertFails(Framing.lines(4), "one\n12345", failure, "one");
  }

  @Test
  void aLineWithoutEndIsFoundTooLongBeforeItsEnd() {
    AtomicInteger failures = new AtomicInteger();
    Messages<String> messages =
        new Messages<>(Framing.lines(4), line -> {}, reason -> failures.incrementAndGet());
    messages.received(ByteBuffer.wrap(bytes("1234")));
    assertThat(failures).hasValue(0);
    messages.received(ByteBuffer.wrap(bytes("5")));
    assertThat(failures).hasValue(1);
  }

  @Test
  void textsAreUtf8CutAnywhere() {
    byte[] stream = "größer\n€𝄞\n".getBytes(UTF_8);
    assertThat(cutAnywhere(Framing.lines(20), stream).messages).containsExactly("größer", "€𝄞");
    assertThat(Framing.lines(20).encode("€𝄞")).isEqualTo(ByteBuffer.wrap("€𝄞\n".getBytes(UTF_8)));
  }

  @Test
  void aDelimiterIsTakenByTheLetter() {
    assertMessages(Framing.delimitedBy("\r\n", 10), "a\nb\r\n\r\nc\rd\r\r\n", "a\nb", "", "c\rd\r");
    assertMessages(Framing.delimitedBy("\0", 10), "{}\0[]\0", "{}", "[]");
    assertMessages(Framing.delimitedBy("abab", 10), "xababyaababz", "x", "ya");
    String failure = "LIMIT_EXCEEDED (a message of more than 2 bytes)";
    assertFails(Framing.delimitedBy("\r\n", 2), "12\r\n1\r2\r\n", failure, "12");
  }

  @Test
  void whatIsSentIsReceivedAsItWas() {
    for (String text : List.of("", "hello", "größer")) {
      assertMessages(Framing.lines(10), text(Framing.lines(10).encode(text)), text);
      Framing<String> strict = Framing.delimitedBy("\r\n", 10);
      assertMessages(strict, text(strict.encode(text)), text);
    }
  }

  @Test
  void aTextThatWouldBeTwoIsNotSent() {
    assertRefused(Framing.lines(10), "a\nb");
    assertRefused(Framing.lines(10), "a\r"); // which the receiver would lose
    assertRefused(Framing.lines(10), "12345678901");
    assertRefused(Framing.delimitedBy("\r\n", 10), "a\r\nb");
    assertRefused(Framing.delimitedBy("aa", 10), "xa"); // "xaaa" would end after "x"
    assertThat(text(Framing.delimitedBy("\r\n", 10).encode("a\nb\r"))).isEqualTo("a\nb\r\r\n");
  }

  private static <M> void assertRefused(Framing<M> framing, M message) {
    assertThatThrownBy(() -> framing.encode(message)).isInstanceOf(IllegalArgumentException.class);
  }

  // --------------------------------------------------------------------------------------- length

  @Test
  void aLengthBeforeEachMessage() {
    assertMessages(Framing.lengthPrefixed(1, 10), "\3abc\0\1d\2e", "abc", "", "d");
    assertMessages(Framing.lengthPrefixed(2, 10), "\0\3abc\0\0\0\1d\0", "abc", "", "d");
    assertMessages(Framing.lengthPrefixed(3, 10), "\0\0\3abc", "abc");
    assertMessages(Framing.lengthPrefixed(4, 10), "\0\0\0\3abc", "abc");
    assertMessages(Framing.lengthPrefixed(8, 10), "\0\0\0\0\0\0\0\3abc", "abc");
  }

  @Test
  void aLengthOverTheBoundEndsTheGenerationAsSoonAsItIsRead() {
    String failure = "LIMIT_EXCEEDED (a message of more than 3 bytes)";
    assertFails(Framing.lengthPrefixed(1, 3), "\3abc\4", failure, "abc");
    assertFails(Framing.lengthPrefixed(1, 3), "\u00ff", failure);
    assertFails(Framing.lengthPrefixed(4, 3), "\u00ff\u00ff\u00ff\u00ff", failure);
    assertFails(Framing.lengthPrefixed(4, 3), "\u0080\0\0\0", failure);
    assertFails(
        Framing.lengthPrefixed(8, 3), "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", failure);
    assertFails(Framing.lengthPrefixed(8, 3), "\0\0\0\1\0\0\0\0", failure);
  }

  @Test
  void aLengthMayBeInTheMiddleOfAHeaderAndCountAnything() {
    LengthField second = LengthField.ofBytes(2).at(1);
    assertMessages(Framing.lengthPrefixed(second, 10), "H\0\2abH\0\0", "ab", "");
    LengthField all = second.strip(0);
    assertMessages(Framing.lengthPrefixed(all, 10), "H\0\2abH\0\0", "H\0\2ab", "H\0\0");
    LengthField countsItself = LengthField.ofBytes(2).adjustedBy(-2);
    assertMessages(Framing.lengthPrefixed(countsItself, 10), "\0\4ab\0\2", "ab", "");
    LengthField more = LengthField.ofBytes(1).adjustedBy(1); // one byte of a header follows it
    assertMessages(Framing.lengthPrefixed(more, 10), "\2Xab\0X", "Xab", "X");
    LengthField stripped = more.strip(2);
    assertMessages(Framing.lengthPrefixed(stripped, 10), "\2Xab\0X", "ab", "");
    LengthField little = LengthField.ofBytes(4).littleEndian();
    assertMessages(Framing.lengthPrefixed(little, 10), "\2\0\0\0ab", "ab");
  }

  @Test
  void aLengthThatIsShorterThanItsHeaderEndsTheGeneration() {
    LengthField countsItself = LengthField.ofBytes(2).adjustedBy(-2);
    String failure = "PROTOCOL_ERROR (the decoder threw java.net.ProtocolException)";
    assertFails(Framing.lengthPrefixed(countsItself, 10), "\0\4ab\0\1x", failure, "ab");
    LengthField stripped = LengthField.ofBytes(1).strip(3);
    assertFails(Framing.lengthPrefixed(stripped, 10), "\4abcd\1x", failure, "cd");
  }

  @Test
  void aMessageOfBytesIsSentWithItsLength() {
    for (int bytes : new int[] {1, 2, 3, 4, 8}) {
      for (LengthField field :
          List.of(
              LengthField.ofBytes(bytes),
              LengthField.ofBytes(bytes).littleEndian(),
              LengthField.ofBytes(bytes).adjustedBy(-bytes))) {
        Framing<ByteBuffer> framing = Framing.lengthPrefixed(field, 200);
        ByteBuffer message = ByteBuffer.wrap(new byte[200]).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer encoded = framing.encode(message);
        assertThat(message.remaining()).as("is not moved").isEqualTo(200);
        assertThat(encoded.remaining()).isEqualTo(bytes + 200);
        List<String> received = outcome(framing, bytes(text(encoded))).messages;
        assertThat(received).hasSize(1);
        assertThat(received.get(0)).hasSize(200);
      }
    }
    assertRefused(Framing.lengthPrefixed(1, 1_000), ByteBuffer.allocate(256));
    assertRefused(Framing.lengthPrefixed(2, 10), ByteBuffer.allocate(11));
    Framing<ByteBuffer> withHeader = Framing.lengthPrefixed(LengthField.ofBytes(2).at(1), 10);
    assertThatThrownBy(() -> withHeader.encode(ByteBuffer.allocate(1)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatIsReceivedIsTheCallbacksOwn() {
    List<ByteBuffer> kept = new ArrayList<>();
    Messages<ByteBuffer> messages =
        new Messages<>(Framing.lengthPrefixed(1, 10), kept::add, reason -> {});
    for (byte next : bytes("\2ab\2cd\2ef")) {
      messages.received(ByteBuffer.wrap(new byte[] {next}));
    }
    assertThat(kept.stream().map(FramingTest::text)).containsExactly("ab", "cd", "ef");
  }

  @Test
  void boundsAreChecked() {
    assertThatThrownBy(() -> Framing.lines(0)).hasMessageContaining("from 1 to 2^30, not 0");
    assertThatThrownBy(() -> Framing.lines((1 << 30) + 1)).hasMessageContaining("2^30");
    assertThatThrownBy(() -> Framing.delimitedBy("", 1)).hasMessageContaining("delimiter");
    assertThatThrownBy(() -> LengthField.ofBytes(5)).hasMessageContaining("1, 2, 3, 4 or 8");
    assertThatThrownBy(() -> LengthField.ofBytes(0)).hasMessageContaining("1, 2, 3, 4 or 8");
    assertThatThrownBy(() -> LengthField.ofBytes(1).at(-1)).hasMessageContaining("65535");
    assertThatThrownBy(() -> LengthField.ofBytes(1).adjustedBy(65_536))
        .hasMessageContaining("65535");
    assertThatThrownBy(() -> LengthField.ofBytes(1).strip(-1)).hasMessageContaining("65535");
  }

  // ----------------------------------------------------------------------------- the app's own

  /** A length in base 128, the lowest bits first, as Protocol Buffers have it. */
  private static final class Varint implements MessageDecoder<String> {
    @Override
    public String decode(ByteBuffer bytes) throws IOException {
      int length = 0;
      for (int i = 0; i < bytes.remaining(); i++) {
        byte next = bytes.get(bytes.position() + i);
        length |= (next & 0x7f) << (7 * i);
        if (next >= 0 && bytes.remaining() > i + length) {
          byte[] message = new byte[length];
          bytes.position(bytes.position() + i + 1);
          bytes.get(message);
          return new String(message, ISO_8859_1);
        } else if (next >= 0) {
          return null;
        } else if (i == 4) {
          throw new IOException("s3cret");
        }
      }
      return null;
    }
  }

  @Test
  void aDecoderOfTheAppsOwn() {
    Framing<String> varint = Framing.decodedBy(Varint::new, 200);
    String longer = "x".repeat(130);
    assertThat(outcome(varint, bytes("\3abc\0\u0082\1" + longer + "\1")).messages)
        .containsExactly("abc", "", longer);
    assertMessages(varint, "\3abc\0\1d\5", "abc", "", "d");
    assertFails(
        varint,
        "\1a\u0080\u0080\u0080\u0080\u0080\1",
        "PROTOCOL_ERROR (the decoder threw java.io.IOException)",
        "a");
    assertThatThrownBy(() -> varint.encode("x")).isInstanceOf(UnsupportedOperationException.class);
    Framing<String> both =
        varint.encodedBy(text -> ByteBuffer.wrap(bytes((char) text.length() + text)));
    assertMessages(both, text(both.encode("abc")), "abc");
  }

  /** Takes each byte as soon as it comes, and keeps in fields what it needs. */
  private static final class Eager implements MessageDecoder<String> {
    private final StringBuilder text = new StringBuilder();

    @Override
    public String decode(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        char next = (char) bytes.get();
        if (next == ';') {
          return taken();
        }
        text.append(next);
      }
      return null;
    }

    @Override
    public String decodeLast(ByteBuffer bytes) {
      return text.length() == 0 ? null : taken();
    }

    private String taken() {
      String taken = text.toString();
      text.setLength(0);
      return taken;
    }
  }

  @Test
  void aDecoderMayTakeBytesOfAMessageThatIsNotComplete() {
    Framing<String> eager = Framing.decodedBy(Eager::new, 5);
    assertMessages(eager, "ab;;1234;last", "ab", "", "1234", "last");
    String failure = "LIMIT_EXCEEDED (a message of more than 5 bytes)";
    assertFails(eager, "ab;12345;c;", failure, "ab");
    assertFails(eager, "ab;123456", failure, "ab");
  }

  @Test
  void aDecoderThatWaitsForMoreThanTheBoundEndsTheGeneration() {
    Framing<String> patient = Framing.decodedBy(() -> bytes -> null, 5);
    assertMessages(patient, "12345");
    assertFails(patient, "123456789", "LIMIT_EXCEEDED (a message of more than 5 bytes)");
  }

  @Test
  void eachGenerationHasADecoderOfItsOwn() {
    Framing<String> eager = Framing.decodedBy(Eager::new, 5);
    Outcome first = new Outcome(new ArrayList<>(), new ArrayList<>());
    Messages<String> cut = new Messages<>(eager, first.messages::add, reason -> {});
    cut.received(ByteBuffer.wrap(bytes("half")));
    assertThat(outcome(eager, bytes("x;")).messages).containsExactly("x");
  }

  @Test
  void aDecoderThatMisbehavesEndsTheGeneration() {
    String failure = "PROTOCOL_ERROR (the decoder threw java.lang.IllegalStateException)";
    assertFails(Framing.decodedBy(() -> bytes -> "for nothing", 10), "x", failure);
    assertFails(
        Framing.decodedBy(
            () ->
                bytes -> {
                  throw new StackOverflowError();
                },
            10),
        "x",
        "PROTOCOL_ERROR (the decoder threw java.lang.StackOverflowError)");
    assertFails(
        Framing.decodedBy(
            () -> {
              throw new IllegalStateException("no decoder");
            },
            10),
        "x",
        "SUPPLIER_FAILED (the supplier of the decoder threw)");
    assertFails(
        Framing.decodedBy(() -> null, 10),
        "x",
        "SUPPLIER_FAILED (the supplier of the decoder threw)");
  }

  /** Which a decoder sees that has the whole stream from the beginning. */
  @Test
  void aDecoderThatReadsBackwardsEndsTheGeneration() {
    MessageDecoder<String> decoder =
        bytes -> {
          if (bytes.position() > 0) {
            bytes.position(0);
          } else {
            bytes.get();
          }
          return "x";
        };
    Outcome outcome = outcome(Framing.decodedBy(() -> decoder, 10), bytes("ab"));
    assertThat(outcome.messages).containsExactly("x");
    assertThat(outcome.failures).hasSize(1);
  }

  @Test
  void aDecodersWindowIsItsOwn() {
    MessageDecoder<String> decoder =
        bytes -> {
          byte next = bytes.get();
          bytes.limit(bytes.position());
          return String.valueOf((char) next);
        };
    assertMessages(Framing.decodedBy(() -> decoder, 10), "abc", "a", "b", "c");
  }

  @Test
  void aCallbackThatThrowsLosesNoOtherMessage() {
    List<String> taken = new ArrayList<>();
    Messages<String> messages =
        new Messages<>(
            Framing.lines(10),
            line -> {
              taken.add(line);
              throw new IllegalStateException(line);
            },
            reason -> taken.add(reason.toString()));
    assertThatThrownBy(() -> messages.received(ByteBuffer.wrap(bytes("a\nb\nc"))))
        .hasMessage("a")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThatThrownBy(() -> messages.received(ByteBuffer.wrap(bytes("\n")))).hasMessage("c");
    assertThat(taken).containsExactly("a", "b", "c");
  }

  @Test
  void theCauseIsForTheAppAndNotInTheWords() {
    List<CloseReason> reasons = new ArrayList<>();
    Messages<String> messages =
        new Messages<>(Framing.decodedBy(Varint::new, 10), line -> {}, reasons::add);
    messages.received(ByteBuffer.wrap(bytes("\u0080\u0080\u0080\u0080\u0080")));
    assertThat(reasons.get(0).toString()).doesNotContain("s3cret");
    assertThat(reasons.get(0).cause().orElseThrow()).hasMessage("s3cret");
  }

  /** A long message in small pieces is not copied anew for each. */
  @Test
  void aLongMessageIsPutTogetherOfManyPieces() {
    int length = 4 << 20;
    List<ByteBuffer> kept = new ArrayList<>();
    Messages<ByteBuffer> messages =
        new Messages<>(Framing.lengthPrefixed(4, length), kept::add, reason -> {});
    messages.received(ByteBuffer.allocate(4).putInt(0, length));
    byte[] piece = new byte[64];
    for (int i = 0; i < length; i += piece.length) {
      Arrays.fill(piece, (byte) (i >> 12));
      messages.received(ByteBuffer.wrap(piece.clone()));
    }
    assertThat(kept).hasSize(1);
    for (int i = 0; i < length; i += piece.length) {
      assertThat(kept.get(0).get(i)).isEqualTo((byte) (i >> 12));
    }
  }
}
