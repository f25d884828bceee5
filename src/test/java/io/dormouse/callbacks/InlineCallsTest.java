package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Callbacks that are quick may have the loop's thread; slow ones go to callback threads. */
class InlineCallsTest {
  private static final Duration SLOW = Duration.ofMillis(1);
  private static final Duration VERY_SLOW = Duration.ofMillis(10);
  private static final int AWAY = 1_000;

  private final ManualLoop loop = new ManualLoop();
  private @Nullable Runnable handedOn;
  private final InlineCalls calls = new InlineCalls(loop, this::work);

  /** What is lent to is judged, and so is wrapped; what goes to callback threads goes as it is. */
  private void work(Runnable task) {
    handedOn = task;
    task.run();
  }

  private boolean isLent(Duration takes) {
    boolean[] lent = new boolean[1];
    loop.execute(() -> lent[0] = isLentNow(takes));
    loop.run();
    return lent[0];
  }

  private boolean isLentNow(Duration takes) {
    Runnable callback = () -> loop.stall(takes);
    calls.execute(callback);
    return handedOn != callback;
  }

  @Test
  void quickOnesMayHaveTheThread() {
    for (int i = 0; i < 5 * AWAY; i++) {
      assertThat(isLent(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void whatIsNotHandedInByTheLoopGoesToCallbackThreads() {
    assertThat(isLentNow(Duration.ZERO)).isFalse();
  }

  @Test
  void aSlowOneNowAndThenIsForgiven() {
    for (int i = 0; i < 5 * AWAY; i++) {
      assertThat(isLent(i % 200 == 0 ? SLOW : Duration.ZERO)).isTrue();
    }
  }

  @Test
  void threeSlowOnesGoToCallbackThreadsUntilItIsTriedAgain() {
    for (int i = 0; i < 3; i++) {
      assertThat(isLent(SLOW)).isTrue();
    }
    for (int i = 1; i < AWAY; i++) {
      assertThat(isLent(Duration.ZERO)).as("%d", i).isFalse();
    }
    assertThat(isLent(Duration.ZERO)).isTrue();
  }

  @Test
  void afterTheNextTryOneSlowOneIsEnough() {
    for (int i = 0; i < 3; i++) {
      assertThat(isLent(SLOW)).isTrue();
    }
    for (int i = 1; i < AWAY; i++) {
      assertThat(isLent(SLOW)).isFalse();
    }
    assertThat(isLent(SLOW)).as("the next try").isTrue();
    assertThat(isLent(SLOW)).isFalse();
  }

  @Test
  void aVerySlowOneIsEnough() {
    assertThat(isLent(VERY_SLOW)).isTrue();
    assertThat(isLent(Duration.ZERO)).isFalse();
  }

  /** Each try costs the loop as much as the callback takes. */
  @Test
  void itIsTriedLessOftenAfterEachFailureAndAsOftenAsBeforeWhenItHasBeenQuickForLong() {
    for (int away = AWAY; away <= 8 * AWAY; away *= 2) {
      assertThat(isLent(VERY_SLOW)).as("the try").isTrue();
      for (int i = 1; i < away; i++) {
        assertThat(isLent(Duration.ZERO)).as("%d of %d", i, away).isFalse();
      }
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(isLent(Duration.ZERO)).isTrue();
    }
    assertThat(isLent(VERY_SLOW)).isTrue();
    for (int i = 1; i < AWAY; i++) {
      assertThat(isLent(Duration.ZERO)).isFalse();
    }
    assertThat(isLent(Duration.ZERO)).isTrue();
  }
}
