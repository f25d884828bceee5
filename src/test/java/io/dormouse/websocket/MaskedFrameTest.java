package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.framing.Framedata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskedFrameTest {
  private static final int MASK = 0x37FA213D;

  /** The example of RFC 6455, section 5.7: a masked text "Hello". */
  @Test
  void itIsTheExampleOfTheRfc() {
    ByteBuffer hello = ByteBuffer.wrap(new byte[] {'H', 'e', 'l', 'l', 'o'});

    assertThat(MaskedFrame.of(Opcode.TEXT, hello, MASK))
        .isEqualTo(
            ByteBuffer.wrap(
                new byte[] {
                  (byte) 0x81,
                  (byte) 0x85,
                  0x37,
                  (byte) 0xFA,
                  0x21,
                  0x3D,
                  0x7F,
                  (byte) 0x9F,
                  0x4D,
                  0x51,
                  0x58
                }));
  }

  /** Java-WebSocket's own reader undoes it, whatever is left over by eights. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 125, 126, 127, 65_535, 65_536, 100_003})
  void whatItSaysIsReadAgain(int length) throws Exception {
    byte[] payload = new byte[length + 2];
    new Random(length).nextBytes(payload);
    ByteBuffer part = ByteBuffer.wrap(payload, 1, length);

    ByteBuffer bytes = MaskedFrame.of(Opcode.BINARY, part, MASK);

    assertThat(part.remaining()).isEqualTo(length);
    List<Framedata> read = new Draft_6455().translateFrame(bytes);
    assertThat(read).hasSize(1);
    assertThat(read.get(0).isFin()).isTrue();
    assertThat(read.get(0).getPayloadData()).isEqualTo(ByteBuffer.wrap(payload, 1, length));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1, Integer.MIN_VALUE, 0x80_00_00_01, 0xFF_00_FF_00})
  void whateverTheMaskItIsReadAgain(int mask) throws Exception {
    byte[] payload = new byte[19];
    new Random(mask).nextBytes(payload);

    ByteBuffer bytes = MaskedFrame.of(Opcode.BINARY, ByteBuffer.wrap(payload), mask);

    assertThat(new Draft_6455().translateFrame(bytes))
        .extracting(Framedata::getPayloadData)
        .containsExactly(ByteBuffer.wrap(payload));
  }

  /** RFC 6455, section 5.2: the fewest bytes. */
  @ParameterizedTest
  @CsvSource({"0, 0", "125, 0", "126, 2", "65535, 2", "65536, 8"})
  void theLengthIsInItsShortestForm(int length, int extended) {
    ByteBuffer payload = ByteBuffer.allocate(length);

    assertThat(MaskedFrame.of(Opcode.BINARY, payload, MASK).remaining())
        .isEqualTo(2 + extended + 4 + length);
  }

  @ParameterizedTest
  @EnumSource
  void theOpcodeIsReadAgain(Opcode opcode) throws Exception {
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {3, (byte) 0xE8}); // of a close frame: 1000

    assertThat(new Draft_6455().translateFrame(MaskedFrame.of(opcode, payload, MASK)))
        .extracting(Framedata::getOpcode)
        .containsExactly(opcode);
  }

  /** RFC 6455, section 5.3: a mask that a script could predict would let it write to proxies. */
  @Test
  void eachFrameHasAMaskOfItsOwn() {
    Set<Integer> masks = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      masks.add(MaskedFrame.of(Opcode.PING, ByteBuffer.allocate(0)).getInt(2));
    }
    assertThat(masks).hasSizeGreaterThan(990);
  }
}
