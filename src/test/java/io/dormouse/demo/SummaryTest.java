package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Step GOOD =
      new Step("foreground", "4 open", "4 open", Step.Outcome.OK, Duration.ofMillis(38));
  private static final Step SKIPPED =
      new Step("restart", "back", "no server here", Step.Outcome.SKIPPED, Duration.ZERO);
  private static final Step BAD =
      new Step("background", "0 sockets", "1 socket", Step.Outcome.FAILED, Duration.ofSeconds(2));

  @Test
  void linesUpItsColumns() {
    assertThat(new Summary(List.of(GOOD, BAD)).lines(100))
        .containsExactly(
            "step        expected   seen      time   ok",
            "----------------------------------------------",
            "foreground  4 open     4 open    38 ms  ok",
            "background  0 sockets  1 socket  2.0 s  FAILED");
  }

  @Test
  void whatHasNoRoomInALineGoesOnBelow() {
    Step long6 =
        new Step(
            "foreground again",
            "6 open, 6 answer, 6 anew, 2 resumed, 5+ sockets",
            "6 open, 6 answer, 6 anew, 2 resumed, 6 sockets",
            Step.Outcome.OK,
            Duration.ofMillis(461));
    assertThat(new Summary(List.of(long6, BAD)).lines(60))
        .containsExactly(
            "step              seen                        time    ok",
            "------------------------------------------------------------",
            "foreground again  6 open, 6 answer, 6 anew,   461 ms  ok",
            "                  2 resumed, 6 sockets",
            "background        1 socket; expected:         2.0 s   FAILED",
            "                  0 sockets");
    assertThat(new Summary(List.of(long6)).lines(80)).hasSize(3);
    assertThat(new Summary(List.of(long6)).lines(120))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120))
        .anyMatch(line -> line.startsWith("step              expected"));
  }

  @Test
  void aSkippedStepIsNoFailure() {
    Summary summary = new Summary(List.of(GOOD, SKIPPED));
    assertThat(summary.isGood()).isTrue();
    assertThat(summary.verdict(Duration.ofSeconds(3)))
        .isEqualTo("every step played showed what it should, 1 skipped, in 3.0 s");
  }

  @Test
  void oneFailureIsEnough() {
    Summary summary = new Summary(List.of(GOOD, BAD, SKIPPED));
    assertThat(summary.isGood()).isFalse();
    assertThat(summary.verdict(Duration.ofMillis(500))).isEqualTo("1 of 3 steps failed, in 500 ms");
  }
}
