package io.dormouse.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.LoudLog;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManualAppLifecycleTest {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final LifecycleLog log = LifecycleLog.on(lifecycle);

  @Test
  void itBeginsUnknown() {
    assertThat(lifecycle.state()).isEqualTo(AppState.UNKNOWN);
    assertThat(lifecycle.isSettling()).isFalse();
  }

  @Test
  void listenersHearOfChangesAndOfNothingElse() {
    lifecycle.onBackground();
    lifecycle.onBackground();
    lifecycle.onForeground();
    lifecycle.onForeground();
    lifecycle.onBackground();
    assertThat(log.events()).containsExactly("background", "foreground", "background");
  }

  @Test
  void onlyWhoIsInFrontCanBeAboutToLeaveIt() {
    lifecycle.onSettling();
    lifecycle.onBackground();
    lifecycle.onSettling();
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    lifecycle.onForeground();
    lifecycle.onSettling();
    lifecycle.onSettling();
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(lifecycle.isSettling()).isTrue();
    lifecycle.onForeground();
    assertThat(lifecycle.isSettling()).isFalse();
    lifecycle.onSettling();
    lifecycle.onBackground();
    assertThat(log.events())
        .containsExactly(
            "background", "foreground", "settling", "foreground", "settling", "background");
  }

  @Test
  void terminatedIsTheEnd() {
    lifecycle.onForeground();
    lifecycle.onTerminate();
    lifecycle.onForeground();
    lifecycle.onBackground();
    lifecycle.onTerminate();
    assertThat(lifecycle.state()).isEqualTo(AppState.TERMINATED);
    assertThat(log.events()).containsExactly("foreground", "terminate");
  }

  @Test
  void theCurrentStateIsNotReplayedButThereToBeRead() {
    lifecycle.onForeground();
    LifecycleLog late = LifecycleLog.on(lifecycle);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(late.events()).isEmpty();
  }

  @Test
  void theStateIsThereBeforeTheListenersHearOfIt() {
    List<AppState> seen = new ArrayList<>();
    lifecycle.addListener(new AnyChange(() -> seen.add(lifecycle.state())));
    lifecycle.onForeground();
    lifecycle.onBackground();
    lifecycle.onTerminate();
    assertThat(seen).containsExactly(AppState.FOREGROUND, AppState.BACKGROUND, AppState.TERMINATED);
  }

  @Test
  void aListenerAddedTwiceHearsOnceAndARemovedOneNothing() {
    lifecycle.addListener(log);
    lifecycle.onForeground();
    lifecycle.removeListener(log);
    lifecycle.removeListener(log);
    lifecycle.onBackground();
    assertThat(log.events()).containsExactly("foreground");
  }

  @Test
  void aHookCalledByAListenerIsToldAfterwards() {
    LifecycleLog first = new LifecycleLog();
    ManualAppLifecycle restless = new ManualAppLifecycle();
    restless.addListener(first);
    restless.addListener(
        new AnyChange(
            () -> {
              if (restless.state() == AppState.FOREGROUND) {
                restless.onBackground();
              }
            }));
    LifecycleLog last = LifecycleLog.on(restless);
    restless.onForeground();
    assertThat(first.events()).containsExactly("foreground", "background");
    assertThat(last.events()).containsExactly("foreground", "background");
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aListenerThatThrowsHoldsUpNeitherTheOthersNorTheNextChange(Throwable throwable) {
    ManualAppLifecycle burdened = new ManualAppLifecycle();
    burdened.addListener(new AnyChange(() -> Sneaky.raise(throwable)));
    LifecycleLog other = LifecycleLog.on(burdened);
    burdened.onForeground();
    burdened.onBackground();
    assertThat(other.events()).containsExactly("foreground", "background");
  }

  @Test
  void whatAListenerThrowsIsLoggedWithoutItsMessageAndALoggerThatThrowsHoldsUpNobody() {
    ManualAppLifecycle burdened = new ManualAppLifecycle();
    burdened.addListener(new AnyChange(() -> Sneaky.raise(new IllegalStateException("s3cr3t"))));
    LifecycleLog other = LifecycleLog.on(burdened);
    try (LoudLog log = new LoudLog(AppLifecycle.class.getName())) {
      burdened.onForeground();
      assertThat(log.text()).contains("IllegalStateException").doesNotContain("s3cr3t");
    }
    try (LoudLog log = LoudLog.throwing(AppLifecycle.class.getName())) {
      burdened.onBackground();
      assertThat(log.text()).contains("a lifecycle listener threw");
    }
    assertThat(other.events()).containsExactly("foreground", "background");
  }

  static List<Throwable> throwables() {
    return List.of(
        new IllegalStateException("thrown on purpose"),
        new AssertionError("thrown on purpose"),
        new IOException("undeclared, as Kotlin does"));
  }

  @Test
  void racingHooksAreToldInOneOrderToEverybody() throws InterruptedException {
    LifecycleLog other = LifecycleLog.on(lifecycle);
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                Await.latch(start);
                for (int i = 0; i < 5_000; i++) {
                  lifecycle.onForeground();
                  lifecycle.onBackground();
                }
              });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    List<String> events = log.events();
    assertThat(other.events()).isEqualTo(events);
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i)).isEqualTo(i % 2 == 0 ? "foreground" : "background");
    }
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(events.get(events.size() - 1)).isEqualTo("background");
  }

  @Test
  void anAppThatIsAlwaysInFrontSaysSo() {
    AppLifecycle always = AppLifecycle.alwaysForeground();
    LifecycleLog.on(always);
    assertThat(always.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(always.isSettling()).isFalse();
    always.removeListener(log);
  }
}
