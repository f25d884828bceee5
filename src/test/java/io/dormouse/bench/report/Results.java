package io.dormouse.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
        + Texts.number(row.ratio())
        + (row.goal().isEmpty() ? "" : " (" + row.goal() + (row.met() ? ", met)" : ", NOT met)"))
        + (row.remark().isEmpty() ? "" : " " + row.remark());
  }
}
