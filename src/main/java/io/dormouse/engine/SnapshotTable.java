package io.dormouse.engine;

import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.Durations;
import io.dormouse.observe.RegistrySnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A registry's snapshot as text for people, in 60 columns: where the app is, then a line for each
 * connection, and under it why it is not open, if something has failed.
 *
 * <pre>{@code
 * FOREGROUND, 2 connections, task upload
 * NAME       KIND  STATE       FOR   IN   OUT  QUEUED
 * api        http  open      3.2 s  12k  1.5M       0
 * telemetry  tcp   waiting  1.2 ms    0     0       0
 *   failures 3: CONNECT_FAILED (Connection refused)
 * }</pre>
 */
final class SnapshotTable {
  private static final int COLUMNS = 60;

  /** A longer name has a line of its own: so the other columns stay within theirs. */
  private static final int LONGEST_NAME = 14;

  private static final List<String> HEAD =
      List.of("NAME", "KIND", "STATE", "FOR", "IN", "OUT", "QUEUED");

  /** From this one on the columns are aligned to the right. */
  private static final int FIRST_NUMBER = 3;

  private SnapshotTable() {}

  static String of(RegistrySnapshot snapshot, boolean closed) {
    StringBuilder text = new StringBuilder();
    addWrapped(text, "", title(snapshot, closed));
    if (snapshot.connections().isEmpty()) {
      return text.toString();
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    snapshot.connections().forEach(connection -> rows.add(cells(connection)));
    int[] widths = widths(rows);
    addRow(text, HEAD, widths);
    for (ConnectionSnapshot connection : snapshot.connections()) {
      addRow(text, cells(connection), widths);
      if (isInTrouble(connection)) {
        addWrapped(text, "  ", trouble(connection));
      }
    }
    return text.toString();
  }

  private static String title(RegistrySnapshot snapshot, boolean closed) {
    int connections = snapshot.connections().size();
    List<String> tasks = snapshot.tasks();
    String title =
        (closed ? "closed" : snapshot.appState())
            + ", "
            + connections
            + (connections == 1 ? " connection" : " connections");
    if (tasks.isEmpty()) {
      return title;
    }
    return title + (tasks.size() == 1 ? ", task " : ", tasks ") + String.join(", ", tasks);
  }

  private static List<String> cells(ConnectionSnapshot connection) {
    return List.of(
        connection.name(),
        connection.kind() == ConnectionKind.WEBSOCKET ? "ws" : lower(connection.kind()),
        lower(connection.state()),
        Durations.text(connection.timeInState()),
        bytes(connection.bytesIn()),
        bytes(connection.bytesOut()),
        bytes(connection.queuedBytes()));
  }

  private static boolean isInTrouble(ConnectionSnapshot connection) {
    return connection.failures() > 0 || connection.state() == ConnectionState.FAILED;
  }

  private static String trouble(ConnectionSnapshot connection) {
    String failures = "failures " + connection.failures();
    return connection.lastReason().map(reason -> failures + ": " + reason).orElse(failures);
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  /** Returns at most four characters up to a thousand terabytes: 999, 1.2k, 15k, 1.5M. */
  static String bytes(long bytes) {
    double number = bytes;
    String unit = "";
    for (String next : List.of("k", "M", "G", "T")) {
      if (number < 999.5) {
        break;
      }
      number /= 1_000;
      unit = next;
    }
    boolean decimal = !unit.isEmpty() && number < 9.95;
    return String.format(Locale.ROOT, decimal ? "%.1f" : "%.0f", number) + unit;
  }

  // ------------------------------------------------------------------------------- how it looks

  private static int[] widths(List<List<String>> rows) {
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        int length = row.get(i).length();
        if (i > 0 || length <= LONGEST_NAME) {
          widths[i] = Math.max(widths[i], length);
        }
      }
    }
    return widths;
  }

  private static void addRow(StringBuilder text, List<String> row, int[] widths) {
    text.append('\n');
    String name = row.get(0);
    if (name.length() > LONGEST_NAME) {
      text.append(name).append('\n');
      name = "";
    }
    pad(text.append(name), widths[0] - name.length());
    for (int i = 1; i < widths.length; i++) {
      int blanks = widths[i] - row.get(i).length();
      text.append(i < FIRST_NUMBER ? "  " : " ");
      pad(text, i < FIRST_NUMBER ? 0 : blanks);
      text.append(row.get(i));
      pad(text, i < FIRST_NUMBER ? blanks : 0);
    }
  }

  private static void pad(StringBuilder text, int blanks) {
    for (int i = 0; i < blanks; i++) {
      text.append(' ');
    }
  }

  /** Adds words, in as many lines as they need. */
  private static void addWrapped(StringBuilder text, String indent, String words) {
    int column = COLUMNS; // the first word begins a line
    for (String word : words.split(" ", -1)) {
      if (column + 1 + word.length() > COLUMNS) {
        text.append(text.length() == 0 ? "" : "\n").append(indent).append(word);
        column = indent.length() + word.length();
      } else {
        text.append(' ').append(word);
        column += 1 + word.length();
      }
    }
  }
}
