package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SvgPictureTest {
  private static final Row CHAT =
      new Row(
          "a-name-that-has-no-room-beside-its-row",
          "TCP",
          List.of(
              new Span(Shade.OPEN, 0, 5_000_000, false, 1, "", ""),
              new Span(Shade.CONNECTING, 5_000_000, 5_000_010, false, 2, "", ""),
              new Span(Shade.FAILED, 5_000_010, 5_000_020, false, 2, "TLS_FAILED", ""),
              new Span(Shade.SUSPENDED, 5_000_020, 10_000_000, true, 2, "", "")));

  /** One in the legend, and one for each background that has room for it. */
  @Test
  void theBackgroundIsNamedWhereThereIsRoom() {
    String wide = picture(new Timeline.Away(5_000_000, 10_000_000));
    String narrow = picture(new Timeline.Away(5_000_000, 5_500_000));

    assertThat(wide.split(">background<", -1)).hasSize(3);
    assertThat(narrow.split(">background<", -1)).hasSize(2);
  }

  @Test
  void aBoxOfSeveralStatesSaysSo() {
    assertThat(picture(new Timeline.Away(0, 1)))
        .contains(
            "a-name-that-has-no-room", "(TCP): failed", "why: TLS_FAILED", "and 1 state more");
  }

  @Test
  void aLongNameIsShortenedAndWhatIsForgottenIsSaid() {
    assertThat(picture(new Timeline.Away(0, 1)))
        .containsPattern(">a-name-that[a-z-]*\u2026</text>")
        .contains("1 connection and 0 tasks in 10 s; 7 steps forgotten, for want of room");
  }

  @Test
  void timesAreForPeople() {
    assertThat(Texts.clock(2_500_000)).isEqualTo("2.5 s");
    assertThat(Texts.clock(3_723_004_567L)).isEqualTo("1:02:03.004");
    assertThat(Texts.time(999)).isEqualTo("999 \u00B5s");
    assertThat(Texts.time(61_000_000)).isEqualTo("1:01 min");
  }

  @Test
  void theAxisBeginsWithNought() {
    assertThat(picture(new Timeline.Away(0, 1))).contains(">0</text>", ">2 s</text>");
  }

  private static String picture(Timeline.Away away) {
    return new Timeline(10_000_000, List.of(away), List.of(CHAT), List.of(), 7).toSvg("A day");
  }
}
