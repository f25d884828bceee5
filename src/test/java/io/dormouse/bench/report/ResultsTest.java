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
          1,
          true,
          8,
          "");

  private static final Row ALONE =
      new Row(
          "c",
          "s",
          Spread.of(Double.NaN),
          Optional.empty(),
          "",
          Double.NaN,
          "≤ 0",
          Double.NaN,
          false,
          0,
          "x");

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
  void ratiosNearOneHaveAnotherDigit() {
    assertThat(Texts.ratio(0.976)).isEqualTo("0.976");
    assertThat(Texts.ratio(1)).isEqualTo("1");
    assertThat(Texts.ratio(2.0649)).isEqualTo("2.06");
  }

  @Test
  void jsonHasTheFieldsOfEachRow() {
    assertThat(results.json(MACHINE))
        .contains("\"name\": \"a.b\", \"unit\": \"ms\", \"ours\": 2.0, \"peer\": 4.0")
        .contains("\"peerName\": \"Peer <1>\", \"ratio\": 2.0, \"goal\": \"ratio ≥ 1\"")
        .contains("\"met\": true")
        .contains("\"rounds\": 3, \"warmUps\": 8");
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
        .contains("| `a.b` | 2 ms (1 to 3) | Peer <1> | 4 ms (4 to 4) | 2 | ratio ≥ 1 | yes |")
        .contains("| `c` | – s |  |  | – | ≤ 0 | **no** |");
  }

  @Test
  void tableCountsRoundsAndWarmUps() {
    assertThat(results.markdown(MACHINE)).contains("| yes | 3 after 8 |");
  }

  @Test
  void whatDidNotComeIsListed() {
    assertThat(results.markdown(MACHINE)).contains("What did not come:\n\n- c: x\n");
  }

  @Test
  void aContestIsNamedOnce() {
    List<Row> rows = List.of(MET, MET);
    assertThat(new Table(rows).toString()).containsOnlyOnce("a.b").contains("|  |  | Peer <1> |");
    assertThat(new Chart(rows).toString()).containsOnlyOnce(">a.b<");
  }

  @Test
  void chartHasValuesWithUnitsAndEscapesNames() {
    assertThat(new Chart(results.rows()).toString())
        .contains(">Peer &lt;1&gt;<")
        .contains(">2 : 4 ms<");
  }

  @Test
  void chartMarksTheGoalWhereThereIsARatio() {
    String tick = "width=\"3.0\"";
    int legend = 1;
    assertThat(new Chart(results.rows()).toString().split(tick, -1)).hasSize(1 + legend + 1);
  }
}
