package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a registry's snapshot is printed. */
class SnapshotTableTest {
  private static ConnectionSnapshot connection(
      String name, ConnectionKind kind, ConnectionState state, long bytes, int failures) {
    CloseReason why =
        failures == 0
            ? CloseReason.of(CloseReason.Kind.SUSPENDED)
            : CloseReason.of(CloseReason.Kind.CONNECT_FAILED, "Connection refused");
    return new Snapshots.OfConnection(
        name, kind, state, Duration.ofMillis(14), 3, failures, bytes, bytes / 3, 0, 0, 0, 0, why);
  }

  private static String text(List<ConnectionSnapshot> connections, List<String> tasks) {
    return new Snapshots.OfRegistry(AppState.FOREGROUND, false, connections, tasks).toString();
  }

  @Test
  void aLineForEachConnectionAndUnderItWhyItIsNotOpen() {
    assertThat(
            text(
                List.of(
                    connection("api", ConnectionKind.HTTP, ConnectionState.OPEN, 12_345, 0),
                    connection("chat", ConnectionKind.WEBSOCKET, ConnectionState.WAITING, 0, 3)),
                List.of("upload")))
        .isEqualTo(
            """
            FOREGROUND, 2 connections, task upload
            NAME  KIND  STATE       FOR  IN  OUT QUEUED
            api   http  open    14.0 ms 12k 4.1k      0
            chat  ws    waiting 14.0 ms   0    0      0
              failures 3: CONNECT_FAILED (Connection refused)""");
  }

  @Test
  void noneIsATitleOnly() {
    assertThat(text(List.of(), List.of())).isEqualTo("FOREGROUND, 0 connections");
    assertThat(text(List.of(), List.of("a", "b")))
        .isEqualTo("FOREGROUND, 0 connections, tasks a, b");
    assertThat(new Snapshots.OfRegistry(AppState.FOREGROUND, true, List.of(), List.of()))
        .hasToString("closed, 0 connections");
  }

  @Test
  void nothingIsWiderThanSixtyColumns() {
    String table =
        text(
            List.of(
                connection(
                    "fourteen-chars", ConnectionKind.HTTP, ConnectionState.CONNECTING, -1, 12),
                new Snapshots.OfConnection(
                    "a-name-that-is-longer-than-its-column",
                    ConnectionKind.UDP,
                    ConnectionState.CONNECTING,
                    Duration.ofNanos(999_940_000),
                    1,
                    0,
                    999_400_000,
                    9_940,
                    0,
                    0,
                    8L << 20,
                    0,
                    null),
                new Snapshots.OfConnection(
                    "long-reason",
                    ConnectionKind.TCP,
                    ConnectionState.FAILED,
                    Duration.ofHours(20),
                    1,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    CloseReason.of(CloseReason.Kind.TLS_FAILED, "a word or two ".repeat(12)))),
            List.of("a task ".repeat(20)));
    assertThat(table.lines()).allMatch(line -> line.length() <= 60, "60 columns");
    assertThat(table.lines().filter(line -> line.contains("connecting"))).hasSize(2);
    assertThat(table.lines()).contains("a-name-that-is-longer-than-its-column");
    assertThat(table).contains("999.9 ms 999M 9.9k   8.4M");
  }

  @Test
  void bytesTakeFourCharacters() {
    assertThat(SnapshotTable.bytes(0)).isEqualTo("0");
    assertThat(SnapshotTable.bytes(999)).isEqualTo("999");
    assertThat(SnapshotTable.bytes(1_000)).isEqualTo("1.0k");
    assertThat(SnapshotTable.bytes(9_949)).isEqualTo("9.9k");
    assertThat(SnapshotTable.bytes(9_950)).isEqualTo("10k");
    assertThat(SnapshotTable.bytes(999_499)).isEqualTo("999k");
    assertThat(SnapshotTable.bytes(999_500)).isEqualTo("1.0M");
    assertThat(SnapshotTable.bytes(1_500_000_000)).isEqualTo("1.5G");
  }
}
