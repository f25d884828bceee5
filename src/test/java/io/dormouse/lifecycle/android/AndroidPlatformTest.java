package io.dormouse.lifecycle.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import android.app.Activity;
import android.app.Application;
import android.os.Handler;
import android.os.SystemClock;
import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleLog;
import io.dormouse.support.Await;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.tcp.TcpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What Android tells of an app's activities, played. Stand-ins of Android's classes are in the test
 * sources: the published ones are stubs that throw.
 */
class AndroidPlatformTest {
  private final Application application = new Application();
  private final AppLifecycle lifecycle = AndroidPlatform.lifecycle(application);
  private final LifecycleLog log = LifecycleLog.on(lifecycle);

  @AfterEach
  void forgetTheQueue() {
    Handler.setEnding(false);
  }

  private Activity open() {
    Activity activity = application.create();
    application.start(activity);
    application.resume(activity);
    return activity;
  }

  /** The order in which Android stops an activity that nobody sees any more. */
  private void leave(Activity activity) {
    application.pause(activity);
    Handler.advance(100);
    application.stop(activity);
  }

  @Test
  void theFirstActivityBringsTheAppToTheFrontAtOnce() {
    assertThat(lifecycle.state()).isEqualTo(AppState.UNKNOWN);
    application.start(application.create());
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(log.events()).containsExactly("foreground");
  }

  @Test
  void theLastActivityTakesItToTheBackground700MsAfterItsPause() {
    leave(open());
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(lifecycle.isSettling()).isTrue();
    Handler.advance(599);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    Handler.advance(1);
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    assertThat(lifecycle.isSettling()).isFalse();
    assertThat(log.events()).containsExactly("foreground", "settling", "background");
    assertThat(Handler.waiting()).isZero();
  }

  @Test
  void aRotationIsNoBackground() {
    Activity upright = open();
    application.pause(upright);
    application.stop(upright);
    application.destroy(upright);
    Handler.advance(300);
    Activity turned = application.create();
    application.start(turned);
    application.resume(turned);
    Handler.advance(10_000);
    assertThat(log.events()).containsExactly("foreground", "settling", "foreground");
    assertThat(Handler.waiting()).isZero();
  }

  @Test
  void aSecondActivityOnTopNeverLeavesTheFront() {
    Activity first = open();
    application.pause(first);
    Activity second = open();
    application.stop(first);
    Handler.advance(10_000);
    assertThat(log.events()).containsExactly("foreground");
    application.pause(second);
    application.start(first);
    application.resume(first);
    application.stop(second);
    application.destroy(second);
    Handler.advance(10_000);
    assertThat(log.events()).containsExactly("foreground");
    leave(first);
    Handler.advance(10_000);
    assertThat(log.events()).containsExactly("foreground", "settling", "background");
  }

  @Test
  void aDialogInFrontLeavesTheAppInFront() {
    Activity behind = open();
    application.pause(behind); // of another app, or the system's: it is only paused
    Handler.advance(60_000);
    assertThat(log.events()).containsExactly("foreground");
    application.resume(behind);
    assertThat(log.events()).containsExactly("foreground");
  }

  @Test
  void aPictureInPictureIsInFrontUntilItIsDismissed() {
    Activity video = open();
    application.pause(video);
    Handler.advance(3_600_000);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(log.events()).containsExactly("foreground");
    application.stop(video); // its pause was long ago, so there is nothing to wait for
    assertThat(log.events()).containsExactly("foreground", "settling", "background");
  }

  @Test
  void aProcessThatStartsInTheBackgroundStaysThereUntilAnActivityStarts() {
    Handler.advance(60_000);
    assertThat(lifecycle.state()).isEqualTo(AppState.UNKNOWN);
    assertThat(log.events()).isEmpty();
    Activity neverShown = application.create();
    application.destroy(neverShown); // it finished itself in onCreate
    assertThat(log.events()).isEmpty();
    open();
    assertThat(log.events()).containsExactly("foreground");
  }

  @Test
  void backAgainInTheLastMomentIsNoBackgroundNorIsTheNextOneShorter() {
    Activity activity = open();
    leave(activity);
    Handler.advance(599);
    application.start(activity);
    application.resume(activity);
    Handler.advance(10_000);
    leave(activity);
    Handler.advance(599);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    Handler.advance(1);
    assertThat(log.events())
        .containsExactly("foreground", "settling", "foreground", "settling", "background");
  }

  @Test
  void anActivityFromBeforeTheRegistrationIsSeenWhenItIsPausedAndNeverCountsBelowZero() {
    Activity before = new Activity();
    application.stop(before); // never seen started: nothing to conclude
    assertThat(log.events()).isEmpty();
    application.pause(before);
    assertThat(log.events()).containsExactly("foreground");
    application.stop(before);
    application.destroy(before);
    Handler.advance(700);
    assertThat(log.events()).containsExactly("foreground", "settling", "background");
    open();
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
  }

  @Test
  void aMainThreadThatTakesNoMoreMessagesHoldsNoBackgroundBack() {
    Activity activity = open();
    Handler.setEnding(true);
    leave(activity);
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
  }

  // ---------------------------------------------------------------------- the main thread, the
  // clock

  @Test
  void theExecutorRunsInOrderOnTheMainThreadAndRefusesWhenThatEnds() {
    Executor main = AndroidPlatform.mainThread();
    List<String> ran = new ArrayList<>();
    main.execute(() -> ran.add("first"));
    main.execute(() -> ran.add("second"));
    assertThat(ran).isEmpty();
    Handler.advance(0);
    assertThat(ran).containsExactly("first", "second");
    Handler.setEnding(true);
    assertThatThrownBy(() -> main.execute(() -> ran.add("third")))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void theClockCountsDeepSleep() {
    LongSupplier clock = AndroidPlatform.elapsedRealtime();
    long before = clock.getAsLong();
    SystemClock.sleepDeeply(3_600_000);
    Handler.advance(5);
    assertThat(Duration.ofNanos(clock.getAsLong() - before))
        .isEqualTo(Duration.ofHours(1).plusMillis(5));
  }

  @Test
  void aRegistryFollowsTheActivitiesAndCallsBackOnTheMainThread() {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      List<Thread> calledOn = new ArrayList<>();
      try (ConnectionRegistry registry =
          ConnectionRegistry.builder(lifecycle)
              .callbackExecutor(AndroidPlatform.mainThread())
              .sleepAwareClock(AndroidPlatform.elapsedRealtime())
              .build()) {
        TcpConnection tcp =
            registry
                .tcp("tcp")
                .connectTo("127.0.0.1", server.port())
                .onOpen(open -> calledOn.add(Thread.currentThread()))
                .register();
        Activity activity = open();
        Await.get(tcp.whenOpen());
        Await.until(
            "the main thread was called",
            () -> {
              Handler.advance(0);
              return !calledOn.isEmpty();
            });
        assertThat(calledOn).containsOnly(Thread.currentThread());
        leave(activity);
        Handler.advance(700);
        Await.get(registry.settled());
        assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
        assertThat(registry.stillOpen()).isEmpty();
      }
    }
  }

  @Test
  void theHooksWaitForNobodyEvenWhenTheRegistrysThreadIsHeldUp() {
    CountDownLatch letGo = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    Executor blocking = // breaks the rule that execute must not block: the I/O thread stands still
        task -> {
          held.countDown();
          Await.hold(letGo);
        };
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      try (ConnectionRegistry registry =
          ConnectionRegistry.builder(lifecycle).callbackExecutor(blocking).build()) {
        Activity activity = application.create();
        TcpConnection unused =
            registry.tcp("tcp").connectTo("127.0.0.1", server.port()).onOpen(open -> {}).register();
        application.start(activity);
        Await.latch(held);
        CompletableFuture<Void> mainThread =
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    application.pause(activity);
                    application.stop(activity);
                    Handler.advance(700);
                    application.start(activity);
                    application.resume(activity);
                  }
                });
        Await.get(mainThread); // while nobody has let go
        assertThat(log.events()).hasSize(1 + 3 * 100);
        letGo.countDown();
      }
    }
  }
}
