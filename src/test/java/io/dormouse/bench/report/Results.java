package io.dormouse.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All rows of a run.
 *
 * @param rows in the order they were measured
 * @param took how long all of it took
 */
public record Results(List<Row> rows, Duration took) {
  /** Writes {@code results.json}, {@code results.md} and {@code results.svg}. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Machine machine = Machine.here();
    Files.writeString(folder.resolve("results.json"), json(machine));
    Files.writeString(folder.resolve("results.md"), markdown());
    Files.writeString(folder.resolve("results.svg"), new Chart(rows).toString());
  }

  String json(Machine machine) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("machine", machine.toString());
    all.put("seconds", took.toSeconds());
    all.put("rows", rows.stream().map(Results::fields).toList());
    return Json.of(all) + "\n";
  }

  private static Map<String, Object> fields(Row row) {
    Spread none = Spread.of(Double.NaN);
    Spread peer = row.peer().orElse(none);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", row.name());
    fields.put("unit", row.unit());
    fields.put("ours", row.ours().median());
    fields.put("peer", peer.median());
    fields.put("peerName", row.peerName());
    fields.put("ratio", row.ratio());
    fields.put("goal", row.goal());
    fields.put("met", row.met());
    fields.put("oursLowest", row.ours().lowest());
    fields.put("oursHighest", row.ours().highest());
    fields.put("peerLowest", peer.lowest());
    fields.put("peerHighest", peer.highest());
    fields.put("rounds", row.ours().rounds());
    fields.put("warmUps", row.warmUps());
    fields.put("remark", row.remark());
    return fields;
  }

  /** Returns the table for readers, and where it is from. */
  public String markdown() {
    return markdown(Machine.here());
  }

  String markdown(Machine machine) {
    StringBuilder text = new StringBuilder(new Table(rows).toString());
    List<String> remarks =
        rows.stream()
            .filter(row -> !row.remark().isEmpty())
            .map(row -> "- " + row.name() + ": " + row.remark() + "\n")
            .distinct()
            .toList();
    if (!remarks.isEmpty()) {
      text.append("\nWhat did not come:\n\n");
      remarks.forEach(text::append);
    }
    return text.append("\nMedian (lowest to highest) of the rounds that count, after some that")
        .append(" warm up. A ratio above 1 is a win. Measured on ")
        .append(machine)
        .append(", in ")
        .append(took.toSeconds())
        .append(" s, by `mvn -B -Pbench verify`.\n")
        .toString();
  }

  /** A row for somebody who watches. */
  public static String line(Row row) {
    return row.name()
        + ": "
        + Texts.number(row.ours().median())
        + " "
        + row.unit()
        + row.peer()
            .map(peer -> ", " + row.peerName() + " " + Texts.number(peer.median()))
            .orElse("")
        + ", ratio "
        + Texts.ratio(row.ratio())
        + (row.goal().isEmpty() ? "" : " (" + row.goal() + (row.met() ? ", met)" : ", NOT met)"))
        + (row.remark().isEmpty() ? "" : " " + row.remark());
  }
}
