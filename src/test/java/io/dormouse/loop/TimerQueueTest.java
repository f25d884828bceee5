package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerQueueTest {
  private final TimerQueue queue = new TimerQueue();
  private final List<String> ran = new ArrayList<>();

  private void runDue(long now) {
    for (Runnable due = queue.pollDue(now); due != null; due = queue.pollDue(now)) {
      due.run();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_234_567, -5, Long.MAX_VALUE - 10, Long.MAX_VALUE, Long.MIN_VALUE})
  void timersAreInOrderWhereverTheClockStandsAlsoWhereItWrapsAround(long start) {
    queue.add(start + 20, () -> ran.add("20"));
    queue.add(start + 10, () -> ran.add("10"));
    queue.add(start + 20, () -> ran.add("20, younger"));
    queue.add(start, () -> ran.add("0"));
    assertThat(queue.nanosToFirst(start - 7)).isEqualTo(7);
    runDue(start - 1);
    assertThat(ran).isEmpty();
    runDue(start + 10);
    assertThat(ran).containsExactly("0", "10");
    assertThat(queue.nanosToFirst(start + 11)).isEqualTo(9);
    assertThat(queue.nanosToFirst(start + 30)).as("overdue").isZero();
    runDue(start + 30);
    assertThat(ran).containsExactly("0", "10", "20", "20, younger");
    assertThat(queue.size()).isZero();
  }

  @Test
  void aCancelledTimerIsGoneAtOnceAndLeavesItsTwinsAlone() {
    queue.add(5, () -> ran.add("a"));
    Loop.Timer cancelled = queue.add(5, () -> ran.add("b"));
    queue.add(5, () -> ran.add("c"));
    cancelled.cancel();
    assertThat(queue.size()).isEqualTo(2);
    cancelled.cancel();
    assertThat(queue.size()).isEqualTo(2);
    runDue(5);
    assertThat(ran).containsExactly("a", "c");
  }
}
