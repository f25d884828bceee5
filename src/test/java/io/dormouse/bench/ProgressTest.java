package io.dormouse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void howLongEachContestTakesIsKnown() {
    List<String> names = new ArrayList<>();
    Programme.contests().forEach(contest -> names.add(contest.name()));
    names.add(Progress.MICRO);

    assertThat(names).allSatisfy(name -> assertThat(Progress.seconds(name)).isPositive());
    assertThat(new Progress(names).next(Duration.ZERO))
        .isEqualTo(
            "[1 of " + names.size() + "] ws.ready.1000: some 60 s; all that is left: some 20 min");
  }

  @Test
  void whatIsLeftBecomesLessAndAsSlowAsTheMachine() {
    Progress progress = new Progress(List.of("scale.10000", "idle.cpu", "cold.10", "race.x"));

    assertThat(progress.next(Duration.ZERO))
        .isEqualTo("[1 of 4] scale.10000: some 40 s; all that is left: some 3 min");
    assertThat(progress.next(Duration.ofSeconds(80)))
        .isEqualTo("[2 of 4] idle.cpu: some 2 min; all that is left: some 4 min");
    assertThat(progress.next(Duration.ofSeconds(105)))
        .isEqualTo("[3 of 4] cold.10: some 40 s; all that is left: some 45 s");
    assertThat(progress.next(Duration.ofSeconds(145)))
        .isEqualTo("[4 of 4] race.x: some 5 s; all that is left: some 5 s");
  }

  @Test
  void theLongestBeginningHolds() {
    assertThat(Progress.seconds("wss.ready.1000")).isEqualTo(95);
    assertThat(Progress.seconds("wss.ready.1000.first")).isEqualTo(70);
    assertThat(Progress.seconds("nothing")).isZero();
  }
}
