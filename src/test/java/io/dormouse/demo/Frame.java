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
 * @param elapsed since the demo began
 * @param sockets how many the system counts
 * @param registry the connections
 */
record Frame(
    String step,
    String expected,
    Duration elapsed,
    OptionalLong sockets,
    RegistrySnapshot registry) {
  private static final String ROW = "%-10s %-9s ";
  private static final String NUMBERS = " %4s %8s %8s %8s  %s";

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
    lines.add(paint(now, 0, now.length(), colours ? BOLD : "", columns));
    lines.add(cut(about(), columns));
    lines.add("");
    String header =
        String.format(ROW, "name", "kind")
            + pad("state")
            + String.format(NUMBERS, "gen", "since", "in", "out", "last end");
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
    String before = String.format(ROW, connection.name(), connection.kind());
    String text =
        before
            + pad(connection.state().toString())
            + String.format(
                NUMBERS,
                connection.generation(),
                String.format(Locale.ROOT, "%.1f s", connection.timeInState().toMillis() / 1e3),
                Format.bytes(connection.bytesIn()),
                Format.bytes(connection.bytesOut()),
                connection.lastReason().map(Object::toString).orElse(""));
    String colour = colours ? colour(connection.state()) : "";
    return paint(text, before.length(), before.length() + STATE_WIDTH, colour, columns);
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
