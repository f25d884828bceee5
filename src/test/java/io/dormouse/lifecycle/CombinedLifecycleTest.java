package io.dormouse.lifecycle;

import static io.dormouse.lifecycle.AppState.BACKGROUND;
import static io.dormouse.lifecycle.AppState.FOREGROUND;
import static io.dormouse.lifecycle.AppState.TERMINATED;
import static io.dormouse.lifecycle.AppState.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CombinedLifecycleTest {
  private final ManualAppLifecycle a = new ManualAppLifecycle();
  private final ManualAppLifecycle b = new ManualAppLifecycle();

  private static void bring(ManualAppLifecycle lifecycle, AppState state) {
    switch (state) {
      case UNKNOWN -> {}
      case FOREGROUND -> lifecycle.onForeground();
      case BACKGROUND -> lifecycle.onBackground();
      case TERMINATED -> lifecycle.onTerminate();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN",
    "UNKNOWN, FOREGROUND, UNKNOWN, FOREGROUND",
    "UNKNOWN, BACKGROUND, BACKGROUND, BACKGROUND",
    "UNKNOWN, TERMINATED, TERMINATED, UNKNOWN",
    "FOREGROUND, FOREGROUND, FOREGROUND, FOREGROUND",
    "FOREGROUND, BACKGROUND, BACKGROUND, FOREGROUND",
    "FOREGROUND, TERMINATED, TERMINATED, FOREGROUND",
    "BACKGROUND, BACKGROUND, BACKGROUND, BACKGROUND",
    "BACKGROUND, TERMINATED, TERMINATED, BACKGROUND",
    "TERMINATED, TERMINATED, TERMINATED, TERMINATED"
  })
  void theMembersDecide(AppState one, AppState other, AppState all, AppState any) {
    AppLifecycle allBefore = AppLifecycle.allOf(a, b);
    AppLifecycle anyBefore = AppLifecycle.anyOf(b, a);
    bring(a, one);
    bring(b, other);
    assertThat(allBefore.state()).isEqualTo(all);
    assertThat(anyBefore.state()).isEqualTo(any);
    assertThat(AppLifecycle.allOf(b, a).state()).as("read on making").isEqualTo(all);
    assertThat(AppLifecycle.anyOf(a, b).state()).as("read on making").isEqualTo(any);
  }

  @Test
  void listenersHearOfTheCombinationsChangesOnly() {
    LifecycleLog all = LifecycleLog.on(AppLifecycle.allOf(a, b));
    LifecycleLog any = LifecycleLog.on(AppLifecycle.anyOf(a, b));
    a.onForeground();
    b.onForeground();
    a.onBackground();
    b.onBackground();
    assertThat(all.events()).containsExactly("foreground", "background");
    assertThat(any.events()).containsExactly("foreground", "background");
  }

  /** In Scarlet a destroyed member counts as one that is in front. */
  @Test
  void aTerminatedMemberIsNotInFront() {
    AppLifecycle all = AppLifecycle.allOf(a, b);
    AppLifecycle any = AppLifecycle.anyOf(a, b);
    LifecycleLog allLog = LifecycleLog.on(all);
    LifecycleLog anyLog = LifecycleLog.on(any);
    a.onForeground();
    b.onForeground();
    a.onTerminate();
    assertThat(all.state()).isEqualTo(TERMINATED);
    assertThat(any.state()).isEqualTo(FOREGROUND);
    b.onBackground();
    assertThat(any.state()).isEqualTo(BACKGROUND);
    b.onForeground();
    assertThat(all.state()).isEqualTo(TERMINATED);
    b.onTerminate();
    assertThat(any.state()).isEqualTo(TERMINATED);
    assertThat(allLog.events()).containsExactly("foreground", "terminate");
    assertThat(anyLog.events())
        .containsExactly("foreground", "background", "foreground", "terminate");
  }

  @Test
  void whoLosesItsOnlyMemberInFrontHearsThatItIsInTheBackground() {
    AppLifecycle any = AppLifecycle.anyOf(a, b); // b has never told anything
    LifecycleLog log = LifecycleLog.on(any);
    a.onForeground();
    a.onTerminate();
    assertThat(any.state()).isNotEqualTo(FOREGROUND);
    assertThat(log.events()).containsExactly("foreground", "background");
  }

  @Test
  void whatIsKnownDoesNotBecomeUnknownAgain() {
    AppLifecycle all = AppLifecycle.allOf(a, b);
    LifecycleLog log = LifecycleLog.on(all);
    assertThat(all.state()).isEqualTo(UNKNOWN);
    a.onBackground();
    a.onForeground();
    assertThat(log.events()).containsExactly("background");
    assertThat(all.state()).isEqualTo(BACKGROUND);
  }

  @Test
  void combinationsCombine() {
    ManualAppLifecycle loggedIn = new ManualAppLifecycle();
    AppLifecycle lifecycle = AppLifecycle.allOf(AppLifecycle.anyOf(a, b), loggedIn);
    loggedIn.onForeground();
    a.onForeground();
    assertThat(lifecycle.state()).isEqualTo(FOREGROUND);
    loggedIn.onBackground();
    assertThat(lifecycle.state()).isEqualTo(BACKGROUND);
  }

  @Test
  void aCombinationOfNothingIsRefused() {
    assertThatThrownBy(AppLifecycle::allOf).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(AppLifecycle::anyOf).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void racingMembersLeaveTheCombinationWhereTheyAre() throws InterruptedException {
    AppLifecycle all = AppLifecycle.allOf(a, b);
    LifecycleLog log = LifecycleLog.on(all);
    for (int round = 0; round < 300; round++) {
      CountDownLatch start = new CountDownLatch(1);
      boolean up = round % 2 == 0;
      List<Thread> threads = new ArrayList<>();
      for (ManualAppLifecycle member : List.of(a, b)) {
        Thread thread =
            new Thread(
                () -> {
                  Await.latch(start);
                  bring(member, up ? FOREGROUND : BACKGROUND);
                });
        thread.start();
        threads.add(thread);
      }
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(all.state()).isEqualTo(up ? FOREGROUND : BACKGROUND);
    }
    List<String> events = log.events();
    assertThat(events.stream().filter("foreground"::equals)).hasSize(150);
    assertThat(events.get(events.size() - 1)).isEqualTo("background");
  }
}
