package io.dormouse.bench.storm;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.Goal;
import io.dormouse.bench.Goal.AtMost;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.util.List;

/** Many clients of a server that restarts; virtual time, and the real code that says when. */
public final class Storm implements Contender {
  private static final Pace ONCE = new Pace(0, 3, false);

  private final Setting setting;
  private long seed = 1;

  /** Words: what to measure, how many clients, and for how many seconds the server is away. */
  public Storm(Setting setting) {
    this.setting = setting;
  }

  /** All of them. */
  public static List<Contest> contests() {
    return List.of(
        beside(evenness("storm.10s", 10)),
        beside(evenness("storm.60s", 60)),
        beside(evenness("storm.300s", 300)),
        beside(
            Contest.lower("storm.60s.peak", "arrivals/s", Storm.class, ONCE)
                .saying("PEAK", 100_000, 60)));
  }

  private static Contest evenness(String name, int outageSeconds) {
    Goal goal = new AtMost(2, "");
    return Contest.lower(name, "peak/mean", Storm.class, ONCE)
        .saying("PEAK_TO_MEAN", 100_000, outageSeconds)
        .reaching(goal);
  }

  private static Contest beside(Contest contest) {
    return contest
        .beside("Scarlet", "scarlet")
        .beside("nats.java", "nats")
        .beside("socket.io", "socket.io");
  }

  @Override
  public Round play() {
    Recovery recovery =
        Recovery.of(Policy.of(setting.library()), setting.number(1), setting.number(2), seed++);
    return Round.of(setting.word(0).equals("PEAK") ? recovery.peak() : recovery.peakToMean());
  }

  @Override
  public void close() {}
}
