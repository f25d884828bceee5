package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many random walks on virtual time, each of which checks the promises after every step. A walk
 * that fails says its seed; {@code -Ddormouse.seed=...} walks that one alone, exactly the same way.
 */
class PromisesRandomWalkTest {
  private static final int WALKS = 1_000;

  /** What all walks together have seen. */
  private final Set<String> stepsHeard = ConcurrentHashMap.newKeySet();

  @Test
  @Timeout(300)
  void thePromisesHoldWhateverAppPeersAndCallbacksDo() {
    Long seed = Long.getLong("dormouse.seed");
    if (seed != null) {
      walk(seed);
    } else {
      IntStream.rangeClosed(1, WALKS).parallel().forEach(this::walk);
      assertThat(stepsHeard).as("the walks go everywhere").isEqualTo(legalSteps());
    }
  }

  private void walk(long seed) {
    try {
      Walk walk = new Walk(seed);
      walk.run();
      stepsHeard.addAll(walk.stepsHeard());
    } catch (AssertionError e) {
      throw new AssertionError(
          "the walk of seed " + seed + " failed; -Ddormouse.seed=" + seed + " replays it", e);
    }
  }

  private static Set<String> legalSteps() {
    Set<String> steps = new HashSet<>();
    for (ConnectionState from : ConnectionState.values()) {
      from.next().forEach(to -> steps.add(from + " -> " + to));
    }
    return steps;
  }
}
