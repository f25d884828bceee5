package io.dormouse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.load.Ports;
import io.dormouse.bench.report.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rounds are played in turns, in processes of their own. */
class MatchTest {
  private final Match match = new Match(Ports.parse("0,0,0,0,0,0,0,0;0;0;"));

  /** Counts its rounds; the broken one fails in its second. */
  public static final class Counting implements Contender {
    private final boolean broken;
    private int rounds;

    /** Takes no words. */
    public Counting(Setting setting) {
      broken = setting.library().equals("broken");
    }

    @Override
    public Round play() {
      rounds++;
      if (broken && rounds == 2) {
        System.exit(1);
      }
      return new Round(rounds, rounds == 3 ? 5 : 0);
    }

    @Override
    public void close() {}
  }

  private static Contest contest(boolean fresh) {
    return Contest.higher("count", "rounds", Counting.class, new Pace(1, 3, fresh));
  }

  @Test
  void roundsCountFromWhereTheWarmUpEnds() throws Exception {
    List<Row> rows = match.play(contest(false).beside("another", "another"));
    assertThat(rows).hasSize(1);
    Row row = rows.get(0);
    assertThat(row.ours().rounds()).isEqualTo(3);
    assertThat(row.ours().lowest()).isEqualTo(2);
    assertThat(row.ours().highest()).isEqualTo(4);
    assertThat(row.ratio()).isEqualTo(1);
    assertThat(row.remark()).contains("another: 5 did not come in time");
  }

  @Test
  void eachRoundMayHaveANewProcess() throws Exception {
    Row row = match.play(contest(true)).get(0);
    assertThat(row.ours().highest()).isEqualTo(1);
  }

  /** It would cost the others' time, and could cost the limit each time. */
  @Test
  void whoFailsPlaysNoMore() throws Exception {
    Row row = match.play(contest(false).beside("broken", "broken")).get(0);
    assertThat(row.ours().rounds()).isEqualTo(3);
    assertThat(row.ratio()).isNaN();
    assertThat(row.met()).isFalse();
    assertThat(row.remark()).contains("broken: a round failed, and it played no more");
  }
}
