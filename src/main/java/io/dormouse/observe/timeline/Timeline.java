package io.dormouse.observe.timeline;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a {@link TimelineRecorder} remembered at one moment: a row for each connection, and then for
 * the tasks of each name. Immutable.
 */
public final class Timeline {
  private final long micros;
  private final List<Away> away;
  private final List<Row> rows;
  private final List<Line> lines;
  private final long dropped;

  /** A time that the app spent in the background, in microseconds since the beginning. */
  record Away(long from, long to) {}

  /** One thing that happened: when, in microseconds since the beginning, to whom, and what. */
  record Line(long micros, String who, String what) {
    Line {
      who = Escaped.visible(who);
      what = Escaped.visible(what);
    }

    String text() {
      return String.format(Locale.ROOT, "%12.3f s  %-16s %s\n", micros / 1e6, who, what);
    }
  }

  Timeline(long micros, List<Away> away, List<Row> rows, List<Line> lines, long dropped) {
    this.micros = micros;
    this.away = List.copyOf(away);
    this.rows = List.copyOf(rows);
    this.lines = List.copyOf(lines);
    this.dropped = dropped;
  }

  /** {@return how long it was recorded} */
  public Duration duration() {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  /**
   * {@return how many steps happened that are not in it, since there was no room: the oldest, and
   * those of connections and tasks beyond what a recorder takes}
   */
  public long dropped() {
    return dropped;
  }

  /**
   * {@return a page that can be zoomed and filtered, with pointer or keyboard, and kept: one file
   * of HTML that loads nothing and tells nobody anything} It is shown dark where that is preferred.
   *
   * @param title for people; any text
   */
  public String toHtml(String title) {
    return HtmlPage.of(this, Objects.requireNonNull(title, "title"));
  }

  /**
   * {@return a picture of the whole, 960 units wide, with a tooltip at each state: SVG 1.1 without
   * script, for a document} It is shown dark where that is preferred.
   *
   * @param title for people; any text
   */
  public String toSvg(String title) {
    return SvgPicture.of(this, Objects.requireNonNull(title, "title"));
  }

  /**
   * {@return a line for each thing that happened, in order, for a log or a failed test: when, in
   * seconds since the recording began, to which connection or task or to the app, and what; with
   * what was {@linkplain TimelineRecorder#note noted}. Each line ends with {@code \n}; empty if
   * nothing has happened}
   */
  public String toText() {
    StringBuilder text = new StringBuilder();
    if (dropped > 0) {
      text.append("(without ").append(Texts.count(dropped, "step")).append(" for want of room)\n");
    }
    lines.forEach(line -> text.append(line.text()));
    return text.toString();
  }

  /**
   * {@return a trace in the JSON format that Chrome's tools have made common (Trace Event Format),
   * for ui.perfetto.dev and {@code chrome://tracing}: a thread for each connection and task, and
   * one for the app}
   */
  public String toTraceJson() {
    return ChromeTrace.of(this);
  }

  long micros() {
    return micros;
  }

  List<Away> away() {
    return away;
  }

  List<Row> rows() {
    return rows;
  }

  /** One line about it. */
  String summary() {
    long tasks = rows.stream().filter(Row::isTask).mapToInt(row -> row.spans().size()).sum();
    long connections = rows.stream().filter(row -> !row.isTask()).count();
    String line =
        Texts.count(connections, "connection")
            + " and "
            + Texts.count(tasks, "task")
            + " in "
            + Texts.time(micros);
    return dropped == 0
        ? line
        : line + "; " + Texts.count(dropped, "step") + " forgotten, for want of room";
  }

  @Override
  public String toString() {
    return summary();
  }
}
