package io.dormouse.bench;

import io.dormouse.bench.crowd.CrowdContests;
import java.util.ArrayList;
import java.util.List;

/** What is played, in this order. */
final class Programme {
  private Programme() {}

  static List<Contest> contests() {
    return new ArrayList<>(CrowdContests.contests());
  }
}
