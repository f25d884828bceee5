package io.dormouse.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SettledLifecycleTest {
  private final ManualTimer timer = new ManualTimer();
  private final ManualAppLifecycle app = new ManualAppLifecycle();
  private final AppLifecycle settled = app.settled(Duration.ofMillis(700), timer);
  private final LifecycleLog log = LifecycleLog.on(settled);

  private void advance(long millis) {
    timer.advance(millis, TimeUnit.MILLISECONDS);
  }

  @Test
  void theForegroundComesAtOnce() {
    app.onForeground();
    assertThat(settled.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(log.events()).containsExactly("foreground");
    assertThat(timer.waiting()).isZero();
  }

  @Test
  void theBackgroundComesAfterTheDelayAndNotBefore() {
    app.onForeground();
    app.onBackground();
    assertThat(settled.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(settled.isSettling()).isTrue();
    timer.advance(699_999_999, TimeUnit.NANOSECONDS);
    assertThat(log.events()).containsExactly("foreground", "settling");
    timer.advance(1, TimeUnit.NANOSECONDS);
    assertThat(settled.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(settled.isSettling()).isFalse();
    assertThat(log.events()).containsExactly("foreground", "settling", "background");
  }

  @Test
  void aRotationOfTheScreenIsNotABackground() {
    app.onForeground();
    for (int i = 0; i < 5; i++) {
      app.onBackground();
      advance(600);
      app.onForeground();
      assertThat(settled.isSettling()).isFalse();
      assertThat(timer.waiting()).isZero();
      advance(200);
    }
    assertThat(log.events()).doesNotContain("background").hasSize(11);
  }

  @Test
  void aDelayThatWasCancelledTooLateDoesNothing() {
    app.onForeground();
    app.onBackground();
    Runnable late = timer.takeAll().get(0);
    app.onForeground();
    app.onBackground(); // a new delay runs
    late.run();
    assertThat(settled.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(settled.isSettling()).isTrue();
    advance(700);
    assertThat(settled.state()).isEqualTo(AppState.BACKGROUND);
  }

  @Test
  void theBackgroundAfterUnknownIsNotHeldBack() {
    app.onBackground();
    assertThat(settled.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(log.events()).containsExactly("background");
  }

  @Test
  void theEndIsNotHeldBack() {
    app.onForeground();
    app.onBackground();
    app.onTerminate();
    assertThat(settled.state()).isEqualTo(AppState.TERMINATED);
    assertThat(timer.waiting()).isZero();
    assertThat(log.events()).containsExactly("foreground", "settling", "terminate");
  }

  @Test
  void itBeginsWhereTheOtherIs() {
    app.onForeground();
    assertThat(app.settled(Duration.ofSeconds(1), timer).state()).isEqualTo(AppState.FOREGROUND);
    app.onBackground();
    assertThat(app.settled(Duration.ofSeconds(1), timer).state()).isEqualTo(AppState.BACKGROUND);
  }

  @Test
  void aMemberThatSettlesMakesTheCombinationSettle() {
    ManualAppLifecycle screen = new ManualAppLifecycle();
    AppLifecycle all = AppLifecycle.allOf(settled, screen);
    AppLifecycle any = AppLifecycle.anyOf(settled, screen);
    LifecycleLog allLog = LifecycleLog.on(all);
    app.onForeground();
    screen.onForeground();
    app.onBackground();
    assertThat(all.isSettling()).isTrue();
    assertThat(any.isSettling()).as("the screen is in front").isFalse();
    advance(700);
    assertThat(all.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(any.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(allLog.events()).containsExactly("foreground", "settling", "background");
  }

  @Test
  void aSettledLifecycleOfASettledOneWaitsForBoth() {
    AppLifecycle twice = settled.settled(Duration.ofMillis(300), timer);
    LifecycleLog twiceLog = LifecycleLog.on(twice);
    app.onForeground();
    app.onBackground();
    assertThat(twice.isSettling()).isTrue();
    advance(700);
    assertThat(twice.isSettling()).isTrue();
    advance(299);
    assertThat(twice.state()).isEqualTo(AppState.FOREGROUND);
    advance(1);
    assertThat(twice.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(twiceLog.events()).containsExactly("foreground", "settling", "background");
  }

  @Test
  void aTimerThatRefusesCostsTheDelayAndNotTheBackground() {
    app.onForeground();
    timer.refuse();
    app.onBackground();
    assertThat(settled.state()).isEqualTo(AppState.BACKGROUND);
    app.onForeground();
    app.onBackground();
    assertThat(log.events())
        .containsExactly("foreground", "background", "foreground", "background");
  }

  @Test
  void aTimerWithoutMemoryCostsTheDelayAndNotTheBackground() {
    app.onForeground();
    timer.runOutOfMemory();
    app.onBackground();
    assertThat(settled.state()).isEqualTo(AppState.BACKGROUND);
    app.onForeground();
    app.onBackground();
    assertThat(log.events())
        .containsExactly("foreground", "background", "foreground", "background");
  }

  @Test
  void aDelayThatIsNoneIsRefused() {
    for (Duration delay : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(366))) {
      assertThatThrownBy(() -> app.settled(delay))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("settle delay");
    }
  }

  @Test
  void theSharedTimersThreadIsThereOnlyWhileADelayRuns() {
    AppLifecycle shared = app.settled(Duration.ofMillis(1));
    app.onForeground();
    app.onBackground();
    Await.until("the background", () -> shared.state() == AppState.BACKGROUND);
    Await.until("the thread to go", () -> !OwnThreads.names().contains("dormouse-settle"));
  }
}
