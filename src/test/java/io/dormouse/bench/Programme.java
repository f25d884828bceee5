package io.dormouse.bench;

import io.dormouse.bench.calls.Calls;
import io.dormouse.bench.crowd.CrowdContests;
import io.dormouse.bench.storm.Storm;
import io.dormouse.bench.traffic.TrafficContests;
import java.util.List;
import java.util.stream.Stream;

/** What is played, in this order. */
final class Programme {
  private Programme() {}

  static List<Contest> contests() {
    return Stream.of(
            CrowdContests.contests(),
            TrafficContests.contests(),
            Calls.contests(),
            Storm.contests())
        .flatMap(List::stream)
        .toList();
  }
}
