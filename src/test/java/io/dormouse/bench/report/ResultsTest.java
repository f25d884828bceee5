package io.dormouse.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static final Machine MACHINE =
      new Machine(2, "a \"fast\" one", "Linux", "JDK 17", LocalDate.of(2026, 11, 24));

  private static final Row MET =
      new Row(
          "a.b",
          "ms",
          Spread.of(3, 1, 2),
          Optional.of(Spread.of(4, 4)),
          "Peer <1>",
          2,
          "ratio ≥ 1",
          true,
          8,
          "");

  private static final Row ALONE =
      new Row(
          "c", "s", Spread.of(Double.NaN), Optional.empty(), "", Double.NaN, "≤ 0", false, 0, "x");

  private final Results results = new Results(List.of(MET, ALONE), Duration.ofSeconds(5));

  @Test
  void medianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Spread.of(9, 1, 2).median()).isEqualTo(2);
  }

  @Test
  void medianOfAnEvenNumberLiesBetween() {
    assertThat(Spread.of(4, 1, 2, 9).median()).isEqualTo(3);
  }

  @Test
  void jsonHasTheFieldsOfEachRow() {
    assertThat(results.json(MACHINE))
        .contains("\"name\": \"a.b\", \"unit\": \"ms\", \"ours\": 2.0, \"peer\": 4.0")
        .contains("\"peerName\": \"Peer <1>\", \"ratio\": 2.0, \"goal\": \"ratio ≥ 1\"")
        .contains("\"met\": true");
  }

  @Test
  void jsonHasNullForWhatIsNoNumber() {
    assertThat(results.json(MACHINE)).contains("\"ours\": null, \"peer\": null");
  }

  @Test
  void jsonEscapesQuotes() {
    assertThat(results.json(MACHINE)).contains("2 cores of a \\\"fast\\\" one");
  }

  @Test
  void tableSaysWhatIsNotMet() {
    assertThat(results.markdown(MACHINE))
        .contains("| a.b | ms | 2 (1 to 3) | Peer <1>: 4 (4 to 4) | 2 | ratio ≥ 1 | yes |")
        .contains("| c | s | – |  | – | ≤ 0 | **no** |")
        .contains("- c: x");
  }

  @Test
  void chartShowsRatiosAloneAndEscapesNames() {
    assertThat(new Chart(results.rows()).toString())
        .contains("a.b / Peer &lt;1&gt;")
        .doesNotContain(">c /");
  }
}
