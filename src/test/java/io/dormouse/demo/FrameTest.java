package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FrameTest {
  private record Row(
      String name,
      ConnectionKind kind,
      ConnectionState state,
      Duration timeInState,
      long generation,
      int failures,
      long bytesIn,
      long bytesOut,
      Optional<CloseReason> lastReason)
      implements ConnectionSnapshot {
    @Override
    public long queuedBytes() {
      return 0;
    }

    @Override
    public long handshakes() {
      return 0;
    }

    @Override
    public long resumedHandshakes() {
      return 0;
    }

    @Override
    public long refusedSends() {
      return 0;
    }
  }

  private static final Frame FRAME =
      new Frame(
          "background, with a task",
          "telemetry stays",
          "",
          Duration.ofMillis(2_340),
          OptionalLong.of(1),
          new Seen(
              AppState.BACKGROUND,
              List.of(
                  new Row(
                      "telemetry",
                      ConnectionKind.TCP,
                      ConnectionState.OPEN,
                      Duration.ofMillis(1_250),
                      2,
                      0,
                      1_500,
                      60,
                      Optional.empty()),
                  new Row(
                      "chat",
                      ConnectionKind.WEBSOCKET,
                      ConnectionState.SUSPENDED,
                      Duration.ZERO,
                      2,
                      0,
                      0,
                      0,
                      Optional.of(CloseReason.of(CloseReason.Kind.SUSPENDED)))),
              List.of("tracking")));

  @Test
  void showsOneRowForEachConnection() {
    assertThat(FRAME.lines(100, false))
        .containsExactly(
            "",
            "[ 2.3 s] background, with a task: telemetry stays",
            "app in BACKGROUND, long-running task: tracking, counted by the system: 1 socket",
            "",
            "name       kind      state       gen    since       in      out  last end",
            "telemetry  TCP       OPEN          2    1.3 s   1.5 kB     60 B  ",
            "chat       WEBSOCKET SUSPENDED     2    0.0 s      0 B      0 B  SUSPENDED");
  }

  @Test
  void fitsIntoANarrowTerminal() {
    assertThat(FRAME.lines(20, false)).allSatisfy(line -> assertThat(line).hasSizeLessThan(21));
    // Cut within the word, the colour still ends.
    assertThat(FRAME.lines(13, true)).contains("telemetry  \u001b[32mOP\u001b[0m");
    assertThat(FRAME.lines(10, true)).contains("telemetry \u001b[32m\u001b[0m");
  }

  @Test
  void atSixtyColumnsStateAndReasonAreThereWithoutColours() {
    assertThat(FRAME.lines(60, false))
        .containsExactly(
            "",
            "[ 2.3 s] background, with a task: telemetry stays",
            "app in BACKGROUND, long-running task: tracking, counted by",
            "  the system: 1 socket",
            "",
            "name       state       gen    since  last end",
            "telemetry  OPEN          2    1.3 s  ",
            "chat       SUSPENDED     2    0.0 s  SUSPENDED");
  }

  @Test
  void whatIsWaitedForIsAboveTheConnections() {
    Frame waiting =
        new Frame(
            "foreground",
            "6 open",
            "waiting, 7 s more at most: telemetry is CONNECTING",
            Duration.ofSeconds(1),
            OptionalLong.empty(),
            FRAME.registry());
    assertThat(waiting.lines(80, false).subList(2, 4))
        .containsExactly(
            "app in BACKGROUND, long-running task: tracking",
            "waiting, 7 s more at most: telemetry is CONNECTING");
  }

  @Test
  void coloursAreOnlyForWhoWantsThem() {
    assertThat(String.join("", FRAME.lines(100, false))).doesNotContain("\u001b");
    assertThat(FRAME.lines(100, true).get(6)).contains("\u001b[34mSUSPENDED \u001b[0m");
  }
}
