package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Utf8ValidatorTest {
  /** The beginnings of all characters, each with a 1 before its bytes. */
  private static Set<Integer> beginnings() {
    Set<Integer> beginnings = new HashSet<>();
    // Of characters of four bytes the last is left out, which is one of 64.
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c > Character.MAX_VALUE ? 64 : 1) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        byte[] bytes = Character.toString(c).getBytes(StandardCharsets.UTF_8);
        int beginning = 1;
        for (int i = 0; i < bytes.length - 1; i++) {
          beginning = (beginning << 8) | (bytes[i] & 0xFF);
          beginnings.add(beginning);
        }
        if (bytes.length < 4) {
          beginnings.add((beginning << 8) | (bytes[bytes.length - 1] & 0xFF));
        }
      }
    }
    return beginnings;
  }

  /** Each string of up to three bytes, of which all but the last are the beginning of one. */
  @Test
  void theFirstByteIsFoundThatCannotBeThere() {
    Set<Integer> beginnings = beginnings();
    ByteBuffer bytes = ByteBuffer.allocate(4);
    int checked = 0;
    for (int first = 0; first < 256; first++) {
      bytes.put(0, (byte) first);
      assertThat(accepts(bytes, 1)).isEqualTo(beginnings.contains(1 << 8 | first));
      if (first < 0x80 || !accepts(bytes, 1)) {
        continue;
      }
      for (int second = 0; second < 256; second++) {
        bytes.put(1, (byte) second);
        int two = (1 << 8 | first) << 8 | second;
        assertThat(accepts(bytes, 2)).as("%x", two).isEqualTo(beginnings.contains(two));
        for (int third = 0; first >= 0xE0 && accepts(bytes, 2) && third < 256; third++) {
          bytes.put(2, (byte) third);
          assertThat(accepts(bytes, 3)).isEqualTo(beginnings.contains(two << 8 | third));
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(200_000);
  }

  @Test
  void aFourthByteIsOneOf64() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {(byte) 0xF0, (byte) 0x9F, (byte) 0x90, 0});
    for (int fourth = 0; fourth < 256; fourth++) {
      bytes.put(3, (byte) fourth);
      assertThat(accepts(bytes, 4)).isEqualTo(fourth >= 0x80 && fourth <= 0xBF);
    }
  }

  private static boolean accepts(ByteBuffer bytes, int length) {
    return new Utf8Validator().accept(bytes, 0, length);
  }

  @Test
  void allCharactersAreAcceptedAndCountedWhereverTheyAreCut() {
    Utf8Validator validator = new Utf8Validator();
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    Random random = new Random(5);
    int from = 0;
    while (from < bytes.length) {
      int to = Math.min(bytes.length, from + random.nextInt(40));
      assertThat(validator.accept(buffer, from, to)).isTrue();
      from = to;
    }
    assertThat(validator.isComplete()).isTrue();
    assertThat(bytes.length - validator.surplus()).isEqualTo(all.length());
  }

  /** Eight bytes are looked at together, so the bad one may be at each place. */
  @Test
  void aBadByteIsFoundAtEachPlaceOfALongText() {
    for (int length : new int[] {1, 7, 8, 9, 15, 16, 17, 31, 40}) {
      for (int place = 0; place < length; place++) {
        ByteBuffer bytes = ByteBuffer.wrap("x".repeat(length).getBytes(StandardCharsets.UTF_8));
        bytes.put(place, (byte) 0xFF);
        assertThat(accepts(bytes, length)).as("%d of %d", place, length).isFalse();
        assertThat(accepts(bytes, place)).isTrue();
      }
    }
  }

  @Test
  void whatIsForgottenMakesNoDifference() {
    Utf8Validator validator = new Utf8Validator();
    ByteBuffer cut = ByteBuffer.wrap(new byte[] {(byte) 0xF0});
    assertThat(validator.accept(cut, 0, 1)).isTrue();
    assertThat(validator.isComplete()).isFalse();

    validator.reset();

    assertThat(validator.isComplete()).isTrue();
    assertThat(validator.surplus()).isZero();
    assertThat(validator.accept(ByteBuffer.wrap(new byte[] {'a'}), 0, 1)).isTrue();
  }
}
