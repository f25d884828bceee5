package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChromeTraceTest {
  @ParameterizedTest
  @CsvSource({"4, 1000000", "40, 36000000000"})
  void everythingIsReadBack(int connections, long micros) {
    Timeline timeline = Samples.of(connections, micros);

    TraceReader trace = new TraceReader(timeline.toTraceJson());

    List<TraceReader.Slice> left = new ArrayList<>(trace.slices());
    for (Timeline.Away away : timeline.away()) {
      assertThat(left.remove(0))
          .satisfies(
              slice -> {
                assertThat(slice.thread()).isEqualTo("app");
                assertThat(slice.name()).isEqualTo("BACKGROUND");
                assertThat(slice.ts()).isEqualTo(away.from());
                assertThat(slice.dur()).isEqualTo(away.to() - away.from());
              });
    }
    for (Row row : timeline.rows()) {
      for (Span span : row.spans()) {
        TraceReader.Slice slice = left.remove(0);
        assertThat(slice.thread()).isEqualTo(row.name() + " (" + row.kind() + ")");
        assertThat(slice.category()).isEqualTo(row.kind());
        assertThat(slice.name()).isEqualTo(row.isTask() ? row.name() : span.state().name());
        assertThat(slice.ts()).isEqualTo(span.from());
        assertThat(slice.dur()).isEqualTo(span.micros());
        if (!span.reason().isEmpty()) {
          assertThat(slice.args().get("reason")).isEqualTo(span.reason());
        }
        if (!span.address().isEmpty()) {
          assertThat(slice.args().get("address")).isEqualTo(span.address());
        }
      }
    }
    assertThat(left).isEmpty();
    assertThat(trace.otherData().get("dropped")).isEqualTo(String.valueOf(timeline.dropped()));
  }

  @Test
  void whateverANameIsItIsReadBackAsItIsShown() {
    Timeline evil = Samples.evil();

    TraceReader.Slice slice = new TraceReader(evil.toTraceJson()).slices().get(0);

    String shown = evil.rows().get(0).name();
    assertThat(shown).startsWith("</script><script>").doesNotContain("\u202E", "\u0000", "\uD800");
    assertThat(slice.thread()).isEqualTo(shown + " (TCP)");
    assertThat(slice.args().get("reason")).isEqualTo(shown);
  }

  @Test
  void anEmptyOneIsATraceToo() {
    Timeline empty = new Timeline(0, List.of(), List.of(), List.of(), 0);

    assertThat(new TraceReader(empty.toTraceJson()).slices()).isEmpty();
    assertThat(new TraceReader(empty.toTraceJson()).otherData().get("dropped")).isEqualTo("0");
  }
}
