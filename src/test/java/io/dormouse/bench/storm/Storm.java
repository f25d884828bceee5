package io.dormouse.bench.storm;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Contest.Pace;
import io.dormouse.bench.Goal.AtMost;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.util.List;

/** Many clients of a server that restarts; virtual time, and the real code that says when. */
public final class Storm implements Contender {
  private static final int CLIENTS = 100_000;
  private static final Pace ONCE = new Pace(0, 3, false);

  /** What of a recovery is measured. */
  private enum Measure {
    PEAK_TO_MEAN("peak/mean"),
    PEAK("arrivals/s"),
    HALF("s"),
    ALL("s");

    private final String unit;

    Measure(String unit) {
      this.unit = unit;
    }

    double of(Recovery recovery) {
      return switch (this) {
        case PEAK_TO_MEAN -> recovery.peakToMean();
        case PEAK -> recovery.peak() == 0 ? Double.NaN : recovery.peak(); // none is no low peak
        case HALF -> recovery.secondsToHalf();
        case ALL -> recovery.seconds();
      };
    }
  }

  private final Setting setting;
  private final Measure measure;
  private long seed = 1;

  /** Words: what to measure, how many clients, and for how many seconds the server is away. */
  public Storm(Setting setting) {
    this.setting = setting;
    this.measure = Measure.valueOf(setting.word(0));
  }

  /** All of them. The peak and the time belong to the ratio: it is easily had without either. */
  public static List<Contest> contests() {
    return List.of(
        evenness("storm.1s", 1),
        evenness("storm.10s", 10),
        evenness("storm.60s", 60),
        evenness("storm.300s", 300),
        contest("storm.1s.peak", Measure.PEAK, 1),
        contest("storm.10s.peak", Measure.PEAK, 10),
        contest("storm.60s.peak", Measure.PEAK, 60),
        contest("storm.60s.half", Measure.HALF, 60),
        contest("storm.60s.all", Measure.ALL, 60));
  }

  private static Contest evenness(String name, int outageSeconds) {
    return contest(name, Measure.PEAK_TO_MEAN, outageSeconds).reaching(new AtMost(2, ""));
  }

  private static Contest contest(String name, Measure measure, int outageSeconds) {
    return Contest.lower(name, measure.unit, Storm.class, ONCE)
        .saying(measure, CLIENTS, outageSeconds)
        .beside("Scarlet", "scarlet")
        .beside("nats.java", "nats")
        .beside("socket.io", "socket.io");
  }

  @Override
  public Round play() {
    Policy policy = Policy.of(setting.library());
    Recovery recovery = Recovery.of(policy, setting.number(1), setting.number(2), seed++);
    return new Round(measure.of(recovery), recovery.missing());
  }

  @Override
  public void close() {}
}
