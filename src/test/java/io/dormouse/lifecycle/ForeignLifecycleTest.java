package io.dormouse.lifecycle;

import static io.dormouse.lifecycle.AppState.BACKGROUND;
import static io.dormouse.lifecycle.AppState.FOREGROUND;
import static io.dormouse.lifecycle.AppState.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import io.dormouse.support.SynchronizedLifecycle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lifecycles that apps write: with locks, from several threads, and ones that throw. */
class ForeignLifecycleTest {
  private final SynchronizedLifecycle foreign = new SynchronizedLifecycle();
  private final ManualAppLifecycle other = new ManualAppLifecycle();

  private static CompletableFuture<Void> on(String thread, Runnable action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                action.run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            },
            thread)
        .start();
    return done;
  }

  // ------------------------------------------------------------------------------------ locks

  /** A hook of the app may well wait, under its own lock, for the registry to settle. */
  @Test
  void whoHoldsTheLockOfOneLifecycleHoldsUpNeitherTheOthersNorWhoAsks() {
    AppLifecycle all = AppLifecycle.allOf(foreign, other);
    LifecycleLog log = LifecycleLog.on(all);
    foreign.goTo(FOREGROUND);
    synchronized (foreign) {
      Await.get(on("other", other::onForeground));
      Await.get(on("asker", () -> assertThat(all.state()).isEqualTo(FOREGROUND)));
      Await.get(on("other", other::onBackground));
    }
    assertThat(log.events()).containsExactly("foreground", "background");
  }

  enum Shape {
    COMBINED,
    CROSSED,
    SETTLED
  }

  /** Threads that hold one app's lock while they tell never wait for another's. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void lifecyclesThatTellUnderTheirLocksDoNotLockEachOtherUp(Shape shape) {
    SynchronizedLifecycle second = new SynchronizedLifecycle();
    AppLifecycle one = AppLifecycle.allOf(foreign, second);
    AppLifecycle crossed =
        switch (shape) {
          case COMBINED -> one;
          case CROSSED -> AppLifecycle.anyOf(second, foreign);
          case SETTLED -> one.settled(Duration.ofMillis(1));
        };
    LifecycleLog oneLog = LifecycleLog.on(one);
    LifecycleLog crossedLog = LifecycleLog.on(crossed);
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (SynchronizedLifecycle mine : List.of(foreign, second)) {
      threads.add(
          on(
              "app",
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  mine.goTo(BACKGROUND);
                  mine.goTo(FOREGROUND);
                }
              }));
    }
    threads.forEach(Await::get);
    assertThat(one.state()).isEqualTo(FOREGROUND);
    assertThat(crossed.state()).isEqualTo(FOREGROUND);
    assertThat(crossed.isSettling()).isFalse();
    assertThat(oneLog.events()).endsWith("foreground");
    assertThat(crossedLog.events()).endsWith("foreground");
  }

  // -------------------------------------------------------------------------- several threads

  @Test
  void aCallThatComesTooLateIsNotBelieved() {
    AppLifecycle all = AppLifecycle.allOf(foreign);
    LifecycleLog log = LifecycleLog.on(all);
    foreign.setSilently(FOREGROUND);
    foreign.setSilently(BACKGROUND);
    foreign.tell(BACKGROUND);
    foreign.tell(FOREGROUND); // of the thread that was here first
    assertThat(all.state()).isEqualTo(BACKGROUND);
    assertThat(log.events()).containsExactly("background");
  }

  @Test
  void whileOneThreadWaitsToAskTheWordOfAnotherIsTakenAndThenChecked() {
    AppLifecycle all = AppLifecycle.allOf(foreign);
    LifecycleLog log = LifecycleLog.on(all);
    CountDownLatch asks = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    foreign.setSilently(FOREGROUND);
    foreign.whenAsked =
        () -> {
          foreign.whenAsked = () -> {};
          asks.countDown();
          Await.hold(goesOn);
        };
    CompletableFuture<Void> slow = on("slow", () -> foreign.tell(FOREGROUND));
    Await.latch(asks);
    foreign.goTo(BACKGROUND);
    assertThat(all.state()).isEqualTo(BACKGROUND);
    foreign.setSilently(FOREGROUND); // and it tells nobody
    goesOn.countDown();
    Await.get(slow);
    assertThat(all.state()).as("asked once more").isEqualTo(FOREGROUND);
    assertThat(log.events()).containsExactly("background", "foreground");
  }

  @Test
  void whoBeginsToListenWhileAnotherThreadTellsMissesNothing() {
    AppLifecycle all = AppLifecycle.allOf(foreign, other);
    CountDownLatch leaving = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    LifecycleListener first = new AnyChange(() -> {});
    all.addListener(first);
    AppLifecycle above = AppLifecycle.anyOf(all, new ManualAppLifecycle());
    LifecycleListener slow =
        new AnyChange(
            () -> {
              leaving.countDown();
              Await.hold(goesOn);
            });
    above.addListener(slow);
    foreign.goTo(FOREGROUND);
    CompletableFuture<Void> teller = on("teller", other::onForeground);
    Await.latch(leaving);
    above.removeListener(slow); // the thread that tells is to leave the members
    LifecycleLog log = LifecycleLog.on(above);
    other.onBackground();
    goesOn.countDown();
    Await.get(teller);
    assertThat(above.state()).isEqualTo(BACKGROUND);
    assertThat(log.events()).endsWith("background");
  }

  // ---------------------------------------------------------------------------------- throwing

  @Test
  void oneThatThrowsWhenItIsAskedIsTakenAtItsWord() {
    AppLifecycle all = AppLifecycle.allOf(foreign, other);
    LifecycleLog log = LifecycleLog.on(all);
    other.onForeground();
    foreign.failure = new IllegalStateException("not now");
    foreign.goTo(FOREGROUND);
    assertThat(all.state()).isEqualTo(FOREGROUND);
    foreign.goTo(BACKGROUND);
    assertThat(log.events()).containsExactly("foreground", "background");
  }

  @Test
  void oneThatCannotBeListenedToSaysSoToWhoWantsTo() {
    AppLifecycle all = AppLifecycle.allOf(other, foreign);
    foreign.refusal = new IllegalStateException("not on this thread");
    assertThatThrownBy(() -> LifecycleLog.on(all)).isSameAs(foreign.refusal);
    assertThat(other.hasListeners()).as("left behind").isFalse();
    foreign.refusal = null;
    foreign.failure = new IllegalStateException("not yet");
    assertThatThrownBy(() -> LifecycleLog.on(all)).isSameAs(foreign.failure);
    assertThat(other.hasListeners()).isFalse();
    assertThat(foreign.listeners()).isZero();
    foreign.failure = null;
    LifecycleLog log = LifecycleLog.on(all);
    other.onForeground();
    foreign.goTo(FOREGROUND);
    assertThat(log.events()).containsExactly("foreground");
  }

  @Test
  void oneThatCannotBeLeftKeepsNobodyFromLeavingTheOthers() {
    AppLifecycle all = AppLifecycle.allOf(foreign, other);
    LifecycleListener listener = new AnyChange(() -> {});
    all.addListener(listener);
    foreign.refusal = new IllegalStateException("never");
    all.removeListener(listener);
    assertThat(other.hasListeners()).isFalse();
  }

  // ------------------------------------------------------------------------------- unsubscribing

  @Test
  void nobodyListensToTheMembersWhenNobodyListensToTheCombination() {
    AppLifecycle inner = AppLifecycle.anyOf(foreign, other);
    AppLifecycle outer = AppLifecycle.allOf(inner, AppLifecycle.alwaysForeground());
    assertThat(foreign.listeners()).as("before").isZero();
    LifecycleListener one = new AnyChange(() -> {});
    LifecycleListener two = new AnyChange(() -> assertThat(outer).isNotNull());
    outer.addListener(one);
    outer.addListener(two);
    assertThat(foreign.listeners()).isEqualTo(1);
    assertThat(other.hasListeners()).isTrue();
    outer.removeListener(one);
    assertThat(foreign.listeners()).isEqualTo(1);
    outer.removeListener(two);
    outer.removeListener(two);
    assertThat(foreign.listeners()).isZero();
    assertThat(other.hasListeners()).isFalse();
  }

  @Test
  void withoutListenersACombinationIsWhereItsMembersAre() {
    AppLifecycle all = AppLifecycle.allOf(foreign, other);
    LifecycleListener listener = new AnyChange(() -> {});
    for (int i = 0; i < 2; i++) {
      foreign.goTo(FOREGROUND);
      other.onForeground();
      assertThat(all.state()).isEqualTo(FOREGROUND);
      foreign.goTo(BACKGROUND);
      assertThat(all.state()).isEqualTo(BACKGROUND);
      all.addListener(listener);
      foreign.goTo(FOREGROUND);
      assertThat(all.state()).isEqualTo(FOREGROUND);
      all.removeListener(listener);
    }
    foreign.goTo(AppState.TERMINATED);
    assertThat(all.state()).isEqualTo(AppState.TERMINATED);
  }

  @Test
  void whoListensAgainHearsOfChangesFromThenOn() {
    AppLifecycle any = AppLifecycle.anyOf(foreign);
    LifecycleLog log = LifecycleLog.on(any);
    foreign.goTo(FOREGROUND);
    any.removeListener(log);
    foreign.goTo(BACKGROUND);
    assertThat(any.state()).isEqualTo(BACKGROUND);
    any.addListener(log);
    foreign.goTo(FOREGROUND);
    assertThat(log.events()).containsExactly("foreground", "foreground");
  }

  @Test
  void aSettledLifecycleLeavesItsTimerTooAndHasNoDelayWhileNobodyListens() {
    ManualTimer timer = new ManualTimer();
    AppLifecycle settled = foreign.settled(Duration.ofMillis(700), timer);
    LifecycleLog log = LifecycleLog.on(settled);
    foreign.goTo(FOREGROUND);
    foreign.goTo(BACKGROUND);
    assertThat(settled.isSettling()).isTrue();
    assertThat(timer.waiting()).isEqualTo(1);
    settled.removeListener(log);
    assertThat(timer.waiting()).isZero();
    assertThat(foreign.listeners()).isZero();
    assertThat(settled.state()).isEqualTo(BACKGROUND);
    foreign.goTo(FOREGROUND);
    assertThat(settled.state()).isEqualTo(FOREGROUND);
    foreign.goTo(BACKGROUND);
    assertThat(settled.isSettling()).isFalse();
    assertThat(settled.state()).isEqualTo(BACKGROUND);
    settled.addListener(log);
    assertThat(settled.state()).isEqualTo(BACKGROUND);
    foreign.goTo(FOREGROUND);
    foreign.goTo(BACKGROUND);
    assertThat(settled.isSettling()).isTrue();
    timer.advance(700, TimeUnit.MILLISECONDS);
    assertThat(log.events())
        .containsExactly("foreground", "settling", "foreground", "settling", "background");
  }

  @Test
  void whoIsListenedToIsNotAskedByThoseWhoRead() {
    AppLifecycle all = AppLifecycle.allOf(foreign);
    assertThat(all.state()).isEqualTo(UNKNOWN);
    LifecycleLog log = LifecycleLog.on(all);
    foreign.goTo(FOREGROUND);
    int asked = foreign.asked.get();
    for (int i = 0; i < 10; i++) {
      assertThat(all.state()).isEqualTo(FOREGROUND);
    }
    assertThat(foreign.asked).hasValue(asked);
    assertThat(log.events()).hasSize(1);
  }
}
