package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static final int[] SIZE = {50, 132};
  private static final Map<String, String> XTERM = Map.of("TERM", "xterm");

  @Test
  void aPersonAtAScreenGetsColoursAndAsManyColumnsAsThereAre() {
    Terminal screen = Terminal.of(XTERM, true, SIZE);
    assertThat(screen.live()).isTrue();
    assertThat(screen.colours()).isTrue();
    assertThat(screen.columns()).isEqualTo(132);
  }

  @Test
  void noColourIsForWhoSaysSo() {
    assertThat(Terminal.of(Map.of("TERM", "xterm", "NO_COLOR", "1"), true, SIZE).colours())
        .isFalse();
    assertThat(Terminal.of(Map.of("TERM", "xterm", "NO_COLOR", ""), true, SIZE).colours()).isTrue();
  }

  @Test
  void aFileADumbTerminalAndALowOneGetLines() {
    assertThat(Terminal.of(XTERM, false, SIZE)).isEqualTo(Terminal.plain(132));
    assertThat(Terminal.of(Map.of("TERM", "dumb"), true, SIZE)).isEqualTo(Terminal.plain(132));
    assertThat(Terminal.of(Map.of(), true, SIZE)).isEqualTo(Terminal.plain(132));
    assertThat(Terminal.of(XTERM, true, new int[] {10, 90})).isEqualTo(Terminal.plain(90));
  }

  @Test
  void columnsThatAreAskedForAreWhatIsUsed() {
    assertThat(Terminal.of(Map.of("COLUMNS", "60"), false, SIZE)).isEqualTo(Terminal.plain(60));
    assertThat(Terminal.of(Map.of("COLUMNS", "wide"), false, SIZE)).isEqualTo(Terminal.plain(132));
    assertThat(Terminal.of(Map.of("COLUMNS", "3"), false, SIZE)).isEqualTo(Terminal.plain(40));
  }
}
