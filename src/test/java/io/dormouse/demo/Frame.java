package io.dormouse.demo;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.RegistrySnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What the board shows at one moment.
 *
 * @param step what is being played
 * @param expected what the connections have to do
 * @param waiting what is waited for; empty if nothing takes long
 * @param elapsed since the demo began
 * @param sockets how many the system counts
 * @param registry the connections
 */
record Frame(
    String step,
    String expected,
    String waiting,
    Duration elapsed,
    OptionalLong sockets,
    RegistrySnapshot registry) {
  /** So many columns are needed for all that is known of a connection. */
  private static final int ALL = 100;

  /** And so many for all but what it has carried. */
  private static final int MOST = 70;

  /** The longest name of a state. */
  private static final int STATE_WIDTH = 10;

  private static final String PLAIN = "\u001b[0m";
  private static final String BOLD = "\u001b[1m";

  /** Returns the frame line by line, none of them longer than so many columns. */
  List<String> lines(int columns, boolean colours) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    String now =
        String.format(Locale.ROOT, "[%4.1f s] %s: %s", elapsed.toMillis() / 1e3, step, expected);
    for (String line : Format.wrapped(now, columns, 9)) {
      lines.add(paint(line, 0, line.length(), colours ? BOLD : "", columns));
    }
    lines.addAll(Format.wrapped(about(), columns, 2));
    if (!waiting.isEmpty()) {
      lines.addAll(Format.wrapped(waiting, columns, 2));
    }
    lines.add("");
    String header =
        before("name", "kind", columns)
            + pad("state")
            + after("gen", "since", "in", "out", "last end", columns);
    lines.add(cut(header, columns));
    for (ConnectionSnapshot connection : registry.connections()) {
      lines.add(row(connection, columns, colours));
    }
    return lines;
  }

  private String about() {
    return "app in "
        + registry.appState()
        + (registry.tasks().isEmpty()
            ? ""
            : ", long-running task: " + String.join(", ", registry.tasks()))
        + (sockets.isEmpty()
            ? ""
            : ", counted by the system: " + Counts.text(sockets.getAsLong(), "socket"));
  }

  private static String row(ConnectionSnapshot connection, int columns, boolean colours) {
    String before = before(connection.name(), connection.kind().toString(), columns);
    String text =
        before
            + pad(connection.state().toString())
            + after(
                String.valueOf(connection.generation()),
                String.format(Locale.ROOT, "%.1f s", connection.timeInState().toMillis() / 1e3),
                Format.bytes(connection.bytesIn()),
                Format.bytes(connection.bytesOut()),
                connection.lastReason().map(Object::toString).orElse(""),
                columns);
    String colour = colours ? colour(connection.state()) : "";
    return paint(text, before.length(), before.length() + STATE_WIDTH, colour, columns);
  }

  private static String before(String name, String kind, int columns) {
    return String.format("%-10s ", name) + (columns < MOST ? "" : String.format("%-9s ", kind));
  }

  private static String after(
      String generation, String since, String in, String out, String lastEnd, int columns) {
    String carried = columns < ALL ? "" : String.format(" %8s %8s", in, out);
    return String.format(" %4s %8s%s  %s", generation, since, carried, lastEnd);
  }

  private static String pad(String state) {
    return String.format("%-" + STATE_WIDTH + "s", state);
  }

  private static String colour(ConnectionState state) {
    int code =
        switch (state) {
          case OPEN -> 32; // green
          case CONNECTING, PREPARING, DRAINING -> 36; // cyan
          case WAITING -> 33; // yellow
          case FAILED -> 31; // red
          case SUSPENDED -> 34; // blue
          case CLOSED -> 90; // grey
        };
    return "\u001b[" + code + "m";
  }

  /** Cuts first, so that a code is never cut in two. */
  private static String paint(String text, int from, int to, String code, int columns) {
    String cut = cut(text, columns);
    int begin = Math.min(from, cut.length());
    int end = Math.min(to, cut.length());
    return code.isEmpty()
        ? cut
        : cut.substring(0, begin) + code + cut.substring(begin, end) + PLAIN + cut.substring(end);
  }

  private static String cut(String text, int columns) {
    return text.length() <= columns ? text : text.substring(0, columns);
  }
}
