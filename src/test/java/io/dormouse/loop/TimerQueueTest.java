package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
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

  /** Many timers, few due times: beside a list that is sorted each time. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void addedCancelledAndTakenAtRandomTheyAreThoseOfASortedList(long seed) {
    record Waiting(long due, int number, Loop.Timer timer) {}
    Random random = new Random(seed);
    List<Waiting> expected = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int chosen = random.nextInt(10);
      if (chosen < 5 || expected.isEmpty()) {
        long due = random.nextInt(100);
        String name = due + " " + i;
        expected.add(new Waiting(due, i, queue.add(due, () -> ran.add(name))));
      } else if (chosen < 9) {
        expected.remove(random.nextInt(expected.size())).timer().cancel();
      } else {
        expected.sort(Comparator.comparingLong(Waiting::due).thenComparingInt(Waiting::number));
        Waiting first = expected.remove(0);
        ran.clear();
        Objects.requireNonNull(queue.pollDue(first.due())).run();
        assertThat(ran).containsExactly(first.due() + " " + first.number());
      }
      assertThat(queue.size()).isEqualTo(expected.size());
    }
    expected.sort(Comparator.comparingLong(Waiting::due).thenComparingInt(Waiting::number));
    ran.clear();
    runDue(100);
    assertThat(ran)
        .containsExactlyElementsOf(
            expected.stream().map(each -> each.due() + " " + each.number()).toList());
  }
}
