package io.dormouse.bench.report;

import java.util.List;
import java.util.stream.Collectors;

/** The rows as a Markdown table. */
record Table(List<Row> rows) {
  @Override
  public String toString() {
    return "| contest | unit | Dormouse | beside | ratio | goal | met |\n"
        + "| --- | --- | ---: | --- | ---: | --- | --- |\n"
        + rows.stream().map(Table::line).collect(Collectors.joining());
  }

  private static String line(Row row) {
    String peer = row.peer().map(spread -> row.peerName() + ": " + values(spread)).orElse("");
    return String.join(
        " | ",
        "| " + row.name(),
        row.unit(),
        values(row.ours()),
        peer,
        Texts.number(row.ratio()),
        row.goal().isEmpty() ? "–" : row.goal(),
        (row.goal().isEmpty() ? "–" : row.met() ? "yes" : "**no**") + " |\n");
  }

  private static String values(Spread spread) {
    String median = Texts.number(spread.median());
    return spread.rounds() == 1
        ? median
        : median
            + " ("
            + Texts.number(spread.lowest())
            + " to "
            + Texts.number(spread.highest())
            + ")";
  }
}
