package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Callbacks that are quick may run inline; slow ones go to callback threads. */
class InlineCallsTest {
  private static final Duration SLOW = Duration.ofMillis(1);
  private static final Duration VERY_SLOW = Duration.ofMillis(10);
  private static final int AWAY = 1_000;

  private final ManualLoop loop = new ManualLoop();
  private boolean onThreads;
  private final InlineCalls calls = new InlineCalls(loop, loop, this::onThreads);

  private void onThreads(Runnable task) {
    onThreads = true;
    task.run();
  }

  private boolean runsInline(Duration takes) {
    onThreads = false;
    loop.execute(() -> calls.execute(() -> loop.stall(takes)));
    loop.run();
    return !onThreads;
  }

  @Test
  void quickOnesRunInline() {
    for (int i = 0; i < 5 * AWAY; i++) {
      assertThat(runsInline(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void whatIsNotHandedInByTheLoopGoesToCallbackThreads() {
    calls.execute(() -> {});
    assertThat(onThreads).isTrue();
  }

  @Test
  void aSlowOneNowAndThenIsForgiven() {
    for (int i = 0; i < 5 * AWAY; i++) {
      assertThat(runsInline(i % 200 == 0 ? SLOW : Duration.ZERO)).isTrue();
    }
  }

  @Test
  void threeSlowOnesGoToCallbackThreadsUntilItIsTriedAgain() {
    for (int i = 0; i < 3; i++) {
      assertThat(runsInline(SLOW)).isTrue();
    }
    for (int i = 1; i < AWAY; i++) {
      assertThat(runsInline(Duration.ZERO)).as("%d", i).isFalse();
    }
    assertThat(runsInline(Duration.ZERO)).isTrue();
  }

  @Test
  void afterTheNextTryOneSlowOneIsEnough() {
    for (int i = 0; i < 3; i++) {
      assertThat(runsInline(SLOW)).isTrue();
    }
    for (int i = 1; i < AWAY; i++) {
      assertThat(runsInline(SLOW)).isFalse();
    }
    assertThat(runsInline(SLOW)).as("the next try").isTrue();
    assertThat(runsInline(SLOW)).isFalse();
  }

  @Test
  void aVerySlowOneIsEnough() {
    assertThat(runsInline(VERY_SLOW)).isTrue();
    assertThat(runsInline(Duration.ZERO)).isFalse();
  }

  /** Each try costs the loop as much as the callback takes. */
  @Test
  void itIsTriedLessOftenAfterEachFailureAndAsOftenAsBeforeWhenItHasBeenQuickForLong() {
    for (int away = AWAY; away <= 8 * AWAY; away *= 2) {
      assertThat(runsInline(VERY_SLOW)).as("the try").isTrue();
      for (int i = 1; i < away; i++) {
        assertThat(runsInline(Duration.ZERO)).as("%d of %d", i, away).isFalse();
      }
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(runsInline(Duration.ZERO)).isTrue();
    }
    assertThat(runsInline(VERY_SLOW)).isTrue();
    for (int i = 1; i < AWAY; i++) {
      assertThat(runsInline(Duration.ZERO)).isFalse();
    }
    assertThat(runsInline(Duration.ZERO)).isTrue();
  }
}
