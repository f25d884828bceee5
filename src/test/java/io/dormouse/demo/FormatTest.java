package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FormatTest {
  @Test
  void linesAreBrokenBetweenWords() {
    assertThat(Format.wrapped("one two three four", 9, 2))
        .containsExactly("one two", "  three", "  four");
    assertThat(Format.wrapped("one two", 7, 2)).containsExactly("one two");
    assertThat(Format.wrapped("  one two", 6, 2)).containsExactly("  one", "  two");
    assertThat(Format.wrapped("", 7, 2)).containsExactly("");
  }

  @Test
  void aNumberStaysWithWhatItCounts() {
    assertThat(Format.wrapped("6 open, 5+ sockets", 11, 0))
        .containsExactly("6 open,", "5+ sockets");
    assertThat(Format.wrapped("123 456 789", 8, 0)).containsExactly("123 456", "789");
  }

  @Test
  void whatIsLongerThanALineIsBrokenWithin() {
    assertThat(Format.wrapped("  abcdefghij", 6, 2)).containsExactly("  abcd", "  efgh", "  ij");
    assertThat(Format.wrapped("one abcdefghij", 6, 9))
        .containsExactly("one", "  abcd", "  efgh", "  ij");
  }
}
