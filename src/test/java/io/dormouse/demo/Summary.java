package io.dormouse.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/** The table at the end. */
final class Summary {
  private static final List<String> HEADER = List.of("step", "expected", "seen", "time", "ok");

  /** With fewer columns what was expected is only said where something else was seen. */
  private static final int ALL = 100;

  private static final String GAP = "  ";
  private static final int LEAST_WIDTH = 10;

  private final List<Step> steps;

  Summary(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** Returns whether every step showed what it should. */
  boolean isGood() {
    return count(Step.Outcome.OK) + count(Step.Outcome.SKIPPED) == steps.size();
  }

  /**
   * Returns the table, line by line.
   *
   * @param columns how long they may be
   */
  List<String> lines(int columns) {
    boolean all = columns >= ALL;
    List<List<String>> rows = new ArrayList<>();
    rows.add(row(HEADER, all));
    for (Step step : steps) {
      rows.add(
          row(
              List.of(
                  step.name(),
                  step.expected(),
                  !all && step.outcome() == Step.Outcome.FAILED ? both(step) : step.seen(),
                  step.outcome() == Step.Outcome.NOT_REACHED ? "" : Format.time(step.took()),
                  step.outcome().toString()),
              all));
    }
    int[] widths = widths(rows, columns);
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.addAll(lines(row, widths));
    }
    lines.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
    return lines;
  }

  private static String both(Step step) {
    return step.seen() + "; expected: " + step.expected();
  }

  private static List<String> row(List<String> cells, boolean all) {
    return all ? cells : List.of(cells.get(0), cells.get(2), cells.get(3), cells.get(4));
  }

  /** As wide as what is in them; the widest give way until all have room. */
  private static int[] widths(List<List<String>> rows, int columns) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int most = columns - GAP.length() * (widths.length - 1);
    while (Arrays.stream(widths).sum() > most) {
      int widest = 0;
      for (int i = 1; i < widths.length; i++) {
        widest = widths[i] > widths[widest] ? i : widest;
      }
      if (widths[widest] <= LEAST_WIDTH) {
        break;
      }
      widths[widest]--;
    }
    return widths;
  }

  /** One row, of as many lines as its longest cell. */
  private static List<String> lines(List<String> cells, int[] widths) {
    List<List<String>> parts = new ArrayList<>();
    for (int i = 0; i < widths.length; i++) {
      parts.add(Format.wrapped(cells.get(i), widths[i], 0));
    }
    List<String> lines = new ArrayList<>();
    for (int n = 0; n < parts.stream().mapToInt(List::size).max().orElse(0); n++) {
      StringJoiner line = new StringJoiner(GAP);
      for (int i = 0; i < widths.length; i++) {
        String part = n < parts.get(i).size() ? parts.get(i).get(n) : "";
        line.add(part + " ".repeat(Math.max(0, widths[i] - part.length())));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
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
}
