package io.dormouse.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The table at the end. */
final class Summary {
  private static final List<String> HEADER = List.of("step", "expected", "seen", "time", "ok");

  private final List<Step> steps;

  Summary(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** Returns whether every step showed what it should. */
  boolean isGood() {
    return count(Step.Outcome.OK) + count(Step.Outcome.SKIPPED) == steps.size();
  }

  /** Returns the table, line by line. */
  List<String> lines() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    for (Step step : steps) {
      rows.add(
          List.of(
              step.name(),
              step.expected(),
              step.seen(),
              step.outcome() == Step.Outcome.NOT_REACHED ? "" : Format.time(step.took()),
              step.outcome().toString()));
    }
    int[] widths = new int[HEADER.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = rows.stream().map(row -> line(row, widths)).toList();
    List<String> ruled = new ArrayList<>(lines);
    ruled.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
    return ruled;
  }

  /** Returns the last line of all. */
  String verdict(Duration total) {
    long skipped = count(Step.Outcome.SKIPPED);
    String result;
    if (!isGood()) {
      result = count(Step.Outcome.FAILED) + " of " + steps.size() + " steps failed";
    } else if (skipped > 0) {
      result = "every step played showed what it should, " + skipped + " skipped";
    } else {
      result = "every step showed what it should";
    }
    return result + ", in " + Format.time(total);
  }

  private long count(Step.Outcome outcome) {
    return steps.stream().filter(step -> step.outcome() == outcome).count();
  }

  private static String line(List<String> cells, int[] widths) {
    StringJoiner line = new StringJoiner("  ");
    for (int i = 0; i < widths.length; i++) {
      line.add(cells.get(i) + " ".repeat(widths[i] - cells.get(i).length()));
    }
    return line.toString().stripTrailing();
  }
}
