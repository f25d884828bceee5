package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
  @ParameterizedTest
  @CsvSource({"4, 1000000", "40, 1000000", "4, 36000000000", "40, 36000000000"})
  void noBoxIsOverAnotherAndNoneIsTooNarrowToSee(int connections, long micros) {
    for (int width : new int[] {340, 764, 1_400}) {
      Layout layout = new Layout(20, width, micros);
      for (Row row : Samples.of(connections, micros).rows()) {
        check(layout.boxes(row.spans()), 20, 20 + width, row.spans().size());
      }
    }
  }

  @Test
  void tenThousandSpansOfAnyLengthsAreDrawnApart() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      List<Span> spans = new ArrayList<>();
      long at = 0;
      for (int i = 0; i < 10_000; i++) {
        long length = (long) Math.pow(10, random.nextDouble() * 7) - 1;
        spans.add(
            new Span(
                List.of(Shade.values()).get(random.nextInt(8)), at, at + length, false, 0, "", ""));
        at += length;
      }
      check(new Layout(0, 360, at).boxes(spans), 0, 360, 10_000);
    }
  }

  private static void check(List<Layout.Box> boxes, double left, double right, int spans) {
    double end = left;
    int shown = 0;
    for (Layout.Box box : boxes) {
      assertThat(box.left()).isGreaterThanOrEqualTo(end - 1e-6);
      assertThat(box.width()).isGreaterThanOrEqualTo(Layout.LEAST - 1e-6);
      end = box.right();
      shown += box.spans();
    }
    assertThat(end).isLessThanOrEqualTo(right + 1e-6);
    assertThat(shown).isEqualTo(spans);
  }

  @Test
  void aFailureIsSeenAmongWhatIsTooNarrow() {
    Span open = new Span(Shade.OPEN, 0, 1, false, 1, "", "");
    Span failed = new Span(Shade.FAILED, 1, 2, false, 1, "", "");
    Span again = new Span(Shade.OPEN, 2, 3, false, 2, "", "");

    List<Layout.Box> boxes = new Layout(0, 100, 1_000).boxes(List.of(open, failed, again));

    assertThat(boxes).singleElement().satisfies(box -> assertThat(box.span()).isEqualTo(failed));
  }

  @ParameterizedTest
  @CsvSource({"1", "999", "1000000", "59000000", "3600000000", "36000000000", "31536000000000"})
  void theAxisHasSomeMarksAtRoundTimes(long micros) {
    List<Long> ticks = new Layout(0, 800, micros).ticks(90);

    assertThat(ticks).hasSizeBetween(2, 10).first().isEqualTo(0L);
  }
}
