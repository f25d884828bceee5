package io.dormouse.bench.report;

import java.util.List;

/** The rows as a Markdown table. What a row shares with the one above is not repeated. */
record Table(List<Row> rows) {
  @Override
  public String toString() {
    StringBuilder table =
        new StringBuilder(
            """
            | contest | Dormouse | beside | | ratio | goal | met | rounds |
            | --- | ---: | --- | ---: | ---: | --- | --- | --- |
            """);
    for (int i = 0; i < rows.size(); i++) {
      boolean begins = i == 0 || !rows.get(i).isOfOneContestWith(rows.get(i - 1));
      table.append(line(rows.get(i), begins));
    }
    return table.toString();
  }

  private static String line(Row row, boolean begins) {
    return String.join(
        " | ",
        "| " + (begins ? "`" + row.name() + "`" : ""),
        begins ? values(row.ours(), row.unit()) : "",
        row.peerName(),
        row.peer().map(peer -> values(peer, row.unit())).orElse(""),
        Texts.ratio(row.ratio()),
        row.goal().isEmpty() ? "–" : row.goal(),
        row.goal().isEmpty() ? "–" : row.met() ? "yes" : "**no**",
        (begins ? row.ours().rounds() + " after " + row.warmUps() : "") + " |\n");
  }

  private static String values(Spread spread, String unit) {
    String median = Texts.number(spread.median()) + " " + unit;
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
