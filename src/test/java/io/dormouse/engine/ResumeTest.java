package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.ManualLoop;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.ResumeReport.Entry;
import io.dormouse.observe.ResumeReport.Outcome;
import io.dormouse.support.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry comes back: in order, not all at once, with all that was forgiven. */
class ResumeTest {
  private final Rig rig = new Rig();
  private final Rig narrow = new Rig(2, () -> 0.5, new ManualLoop());

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
    narrow.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);
  private static final CloseReason UNRESOLVED = CloseReason.of(Kind.UNRESOLVED);

  private static List<String> attempts(Rig rig) {
    List<String> attempts = new ArrayList<>();
    rig.onAttempt(connection -> attempts.add(connection.name()));
    return attempts;
  }

  /** The app's hooks are never called on the loop. */
  private static void onAnotherThread(Runnable hook) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(hook);
    Await.get(done);
  }

  private static FakeConnection register(Rig rig, String name, int priority) {
    return rig.register(
        rig.prepared(name, priority, RetryPolicy.standard()).answer(Step.CONNECT, Answer.LATER));
  }

  // -------------------------------------------------------------------------------- in order

  @Test
  void connectionsComeBackByPriorityAndThenByRegistration() {
    List<String> attempts = attempts(rig);
    register(rig, "a", 0);
    register(rig, "b", 5);
    register(rig, "c", -1);
    register(rig, "d", 5);
    register(rig, "e", 0);
    rig.front();
    assertThat(attempts).containsExactly("b", "d", "a", "e", "c");
  }

  @Test
  void notMoreThanSoManyConnectAtOnce() {
    List<String> attempts = attempts(narrow);
    FakeConnection a = register(narrow, "a", 0);
    FakeConnection b = register(narrow, "b", 0);
    FakeConnection c = register(narrow, "c", 0);
    FakeConnection d = register(narrow, "d", 7);
    narrow.front();
    assertThat(attempts).containsExactly("d", "a");
    assertThat(b.state()).isEqualTo(WAITING);
    assertThat(c.state()).isEqualTo(WAITING);
    narrow.onLoop(() -> d.wire().up());
    assertThat(attempts).containsExactly("d", "a", "b");
    narrow.onLoop(() -> a.wire().end(LOST));
    assertThat(attempts).as("a failure frees a place too").containsExactly("d", "a", "b", "c");
    narrow.advance(Duration.ofMillis(500));
    assertThat(attempts).as("the retry waits for a permit").hasSize(4);
    narrow.onLoop(() -> b.wire().up());
    assertThat(attempts).containsExactly("d", "a", "b", "c", "a");
  }

  @Test
  void oneThatIsSlowGivesItsPlaceUpAfterASecond() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      register(narrow, name, 0);
    }
    narrow.front();
    assertThat(attempts).containsExactly("a", "b");
    narrow.advance(Duration.ofSeconds(1).minus(NANO));
    assertThat(attempts).hasSize(2);
    narrow.advance(NANO);
    assertThat(attempts).containsExactly("a", "b", "c", "d");
    narrow.advance(Duration.ofSeconds(1));
    assertThat(attempts).containsExactly("a", "b", "c", "d", "e");
    assertThat(narrow.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(CONNECTING));
  }

  @Test
  void whoIsNotWantedAnyMoreLeavesTheQueue() {
    List<String> attempts = attempts(narrow);
    register(narrow, "a", 0);
    register(narrow, "b", 0);
    FakeConnection paused = register(narrow, "paused", 0);
    FakeConnection closed = register(narrow, "closed", 0);
    FakeConnection last = register(narrow, "last", 0);
    narrow.front();
    paused.pause();
    closed.close();
    narrow.run();
    assertThat(paused.state()).isEqualTo(SUSPENDED);
    assertThat(closed.state()).isEqualTo(ConnectionState.CLOSED);
    narrow.advance(Duration.ofSeconds(1));
    assertThat(attempts).containsExactly("a", "b", "last");
    assertThat(last.state()).isEqualTo(CONNECTING);
    narrow.back();
    narrow.assertIdle();
  }

  @Test
  void aThousandThatFailAtOnceDoNotExhaustTheStack() {
    List<String> attempts = attempts(narrow);
    for (int i = 0; i < 1_000; i++) {
      narrow.register(narrow.prepared("c" + i).answer(Step.CONNECT, Answer.ENDS));
    }
    narrow.front();
    assertThat(attempts).hasSize(1_000);
    narrow.back();
    narrow.assertIdle();
  }

  /** Whoever changes its mind does so on another thread, in the middle of the batch. */
  @Test
  void noAttemptBeginsAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(rig);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          onAnotherThread(rig.app::back);
        });
    for (String name : List.of("a", "b", "c")) {
      register(rig, name, 0);
    }
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.front();
    assertThat(attempts).containsExactly("a");
    assertThat(rig.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(SUSPENDED));
    assertThat(resumed).isCompleted();
    assertThat(rig.value(rig.engine.resumed()).count(Outcome.CALLED_OFF)).isEqualTo(3);
    rig.assertIdle();
  }

  @Test
  void whoWaitsForItsTurnDoesNotBeginAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c")) {
      register(narrow, name, 0);
    }
    narrow.front();
    assertThat(attempts).containsExactly("a", "b");
    narrow.loop.execute(() -> onAnotherThread(narrow.app::back));
    narrow.onLoop(() -> narrow.connections.get(0).wire().up());
    assertThat(attempts).containsExactly("a", "b");
    narrow.assertIdle();
  }

  /** The permit is on its way when the app leaves; the loop hears of that only after it. */
  @Test
  void whoIsAboutToGetAPermitDoesNotBeginAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c")) {
      register(narrow, name, 0);
    }
    narrow.front();
    narrow.onLoop(
        () -> {
          narrow.connections.get(0).wire().up();
          onAnotherThread(narrow.app::back);
        });
    assertThat(attempts).containsExactly("a", "b");
    narrow.assertIdle();
  }

  @Test
  void aBlinkInTheMiddleOfABatchLosesNobody() {
    List<String> attempts = attempts(rig);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          if (attempts.size() == 1) {
            onAnotherThread(rig.app::back);
          } else if (attempts.size() == 2) {
            throw new AssertionError("not before the app is back");
          }
        });
    for (String name : List.of("a", "b", "c")) {
      register(rig, name, 0);
    }
    rig.app.front();
    rig.loop.run();
    assertThat(attempts).containsExactly("a");
    rig.onAttempt(connection -> attempts.add(connection.name()));
    rig.app.front();
    rig.run();
    assertThat(rig.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(CONNECTING));
  }

  @Test
  void onePausedAndResumedInTheMiddleOfABatchComesBack() {
    List<String> attempts = attempts(rig);
    for (String name : List.of("a", "b")) {
      register(rig, name, 0);
    }
    FakeConnection b = rig.connections.get(1);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          if (connection != b) {
            b.pause();
            b.resume();
            b.pause();
          }
        });
    rig.app.front();
    rig.run();
    assertThat(b.state()).isEqualTo(SUSPENDED);
    b.resume();
    rig.run();
    assertThat(b.state()).isEqualTo(CONNECTING);
    rig.onLoop(() -> rig.connections.get(0).wire().up());
    assertThat(rig.value(rig.engine.resumed()).find("b").orElseThrow().outcome())
        .isEqualTo(Outcome.CALLED_OFF);
    assertThat(attempts).containsExactly("a", "b");
  }

  // ------------------------------------------------------------------------------- forgiven

  @Test
  void theForegroundTriesAtOnceWhateverTheBackoffWas() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.ENDS));
    rig.front();
    rig.advance(Duration.ofMinutes(5));
    assertThat(connection.snapshot().failures()).isGreaterThan(8);
    rig.back();
    int attempts = connection.wires().size();
    rig.front();
    assertThat(connection.wires()).hasSize(attempts + 1);
    assertThat(connection.snapshot().failures()).isEqualTo(1);
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.wires()).hasSize(attempts + 2);
  }

  /** Calls fail right after the network returns, in grpc-java, since the backoff is still there. */
  @Test
  void theBackoffIsResetBeforeCallersAreLetIn() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.ENDS));
    rig.front();
    rig.advance(Duration.ofMinutes(5));
    rig.back();
    connection.answer(Step.CONNECT, Answer.AT_ONCE);
    rig.app.front();
    CompletableFuture<Void> open = connection.whenOpen();
    rig.loop.run(); // no time passes
    rig.run();
    assertThat(open).isCompleted();
  }

  @Test
  void aSecondForegroundForgivesAnAttemptUnderWay() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().end(LOST));
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.snapshot().failures()).isEqualTo(1);
    rig.settling();
    rig.front();
    assertThat(connection.snapshot().failures()).isZero();
    assertThat(connection.wires()).as("the attempt goes on").hasSize(2);
  }

  @Test
  void aForegroundEndsABackoffAlsoIfTheAppHadNotReallyLeft() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().end(LOST));
    rig.settling();
    rig.front();
    assertThat(connection.state()).isEqualTo(CONNECTING);
  }

  /** After two minutes offline nats.java is closed for good. */
  @Test
  void failedIsNeverForGood() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.TLS_FAILED)));
    assertThat(connection.state()).isEqualTo(FAILED);
    rig.advance(Duration.ofDays(1));
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
    rig.back();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.front();
    assertThat(connection.state()).isEqualTo(CONNECTING);
  }

  /** The first request after the foreground fails, in OkHttp, since the name did not resolve. */
  @Test
  void aNameThatDoesNotResolveEarlyIsTriedShortlyAndNotCounted() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().end(UNRESOLVED));
    assertThat(connection.snapshot().failures()).isZero();
    rig.advance(Duration.ofMillis(250).minus(NANO));
    assertThat(connection.wires()).hasSize(1);
    rig.advance(NANO);
    assertThat(connection.wires()).hasSize(2);
    rig.advance(Duration.ofSeconds(5));
    rig.onLoop(() -> connection.wire().end(UNRESOLVED));
    assertThat(connection.snapshot().failures()).as("no longer early").isEqualTo(1);
  }

  @Test
  void inTheBackgroundNothingIsEarly() {
    FakeConnection connection = rig.registerSlow("a");
    rig.task("sync");
    rig.onLoop(() -> connection.wire().end(UNRESOLVED));
    assertThat(connection.snapshot().failures()).isEqualTo(1);
  }

  // --------------------------------------------------------------------------------- the report

  @Test
  void theReportSaysWhatBecameOfEachFirstAttempt() {
    FakeConnection opened = register(rig, "opened", 0);
    FakeConnection failed = register(rig, "failed", 0);
    FakeConnection hopeless = register(rig, "hopeless", 0);
    FakeConnection closed = register(rig, "closed", 0);
    FakeConnection kept = rig.register("kept");
    FakeConnection paused = rig.register("paused");
    paused.pause();
    rig.task("upload", kept);
    rig.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.advance(Duration.ofSeconds(1));
    rig.onLoop(() -> failed.wire().end(LOST));
    rig.onLoop(() -> hopeless.wire().end(CloseReason.of(Kind.TLS_FAILED)));
    closed.close();
    rig.run();
    assertThat(resumed).isNotDone();
    rig.onLoop(() -> opened.wire().up());
    ResumeReport report = rig.value(resumed);
    assertThat(report.connections())
        .extracting(Entry::name, Entry::outcome)
        .containsExactly(
            tuple("kept", Outcome.STAYED_OPEN),
            tuple("failed", Outcome.FIRST_ATTEMPT_FAILED),
            tuple("hopeless", Outcome.FIRST_ATTEMPT_FAILED),
            tuple("closed", Outcome.CALLED_OFF),
            tuple("opened", Outcome.OPENED));
    assertThat(report.find("failed").orElseThrow().reason()).contains(LOST);
    assertThat(report.took()).isEqualTo(Duration.ofSeconds(1));
    assertThat(rig.value(rig.engine.resumed())).as("the latest").isEqualTo(report);
  }

  @Test
  void aFutureOfResumedIsToldOffTheLoop() {
    CompletableFuture<Boolean> told = rig.engine.resumed().thenApply(report -> rig.loop.inLoop());
    assertThat(rig.value(told)).isFalse();
  }

  @Test
  void aResumeOfNothingIsOverAtOnce() {
    assertThat(rig.value(rig.engine.resumed())).isEqualTo(Reports.NO_RESUME);
    rig.front();
    assertThat(rig.value(rig.engine.resumed()).connections()).isEmpty();
  }

  @Test
  void theBackgroundCallsOffWhatHasNotComeBackYet() {
    register(rig, "a", 0);
    rig.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.run();
    rig.back();
    assertThat(rig.value(resumed).connections())
        .extracting(Entry::name, Entry::outcome)
        .containsExactly(tuple("a", Outcome.CALLED_OFF));
  }

  @Test
  void whatATaskCoversGoesOnComingBackInTheBackground() {
    FakeConnection covered = register(rig, "covered", 0);
    register(rig, "other", 0);
    rig.front();
    rig.task("upload", covered);
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.back();
    assertThat(resumed).isNotDone();
    rig.onLoop(() -> covered.wire().up());
    assertThat(rig.value(resumed).connections())
        .extracting(Entry::name, Entry::outcome)
        .containsExactly(tuple("other", Outcome.CALLED_OFF), tuple("covered", Outcome.OPENED));
  }

  @Test
  void aSecondForegroundDoesNotEndTheWaitForTheFirstAttempts() {
    FakeConnection connection = register(rig, "a", 0);
    rig.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.settling();
    rig.front();
    assertThat(resumed).as("the attempt is under way").isNotDone();
    rig.onLoop(() -> connection.wire().up());
    assertThat(rig.value(resumed).connections())
        .extracting(Entry::name, Entry::outcome)
        .containsExactly(tuple("a", Outcome.OPENED));
  }

  /** The app's thread has said where it is, and the loop's task for that comes late. */
  @Test
  void whoAsksAsSoonAsTheAppIsBackWaitsForThatResume() {
    FakeConnection connection = register(rig, "a", 0);
    rig.loop.runOutOfMemory(1);
    rig.app.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.run();
    assertThat(resumed).isNotDone();
    rig.onLoop(() -> connection.wire().up());
    assertThat(rig.value(resumed).count(Outcome.OPENED)).isEqualTo(1);
  }

  /** A question about it may have had the loop follow the app before its own task came. */
  @Test
  void oneForegroundIsOneResumeHoweverOftenTheLoopLooks() {
    List<ResumeReport> reports = new ArrayList<>();
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onResumed(ResumeReport report) {
            reports.add(report);
          }
        });
    rig.register("a");
    rig.app.back();
    rig.app.front();
    rig.run();
    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).count(Outcome.OPENED)).isEqualTo(1);
  }

  @Test
  void theForegroundLooksAtEachConnectionOnce() {
    FakeConnection open = rig.register("open");
    FakeConnection connecting = rig.registerSlow("connecting");
    FakeConnection asleep = rig.register("asleep");
    rig.task("upload", open, connecting);
    rig.front();
    assertThat(open.looksAgain).as("wanted before").isEqualTo(1);
    assertThat(connecting.looksAgain).as("wanted before").isEqualTo(1);
    assertThat(asleep.looksAgain).as("woken").isZero();
    rig.app.back();
    rig.app.front();
    rig.run();
    assertThat(List.of(open.looksAgain, connecting.looksAgain, asleep.looksAgain))
        .as("away for a moment")
        .containsExactly(2, 2, 1);
    rig.app.back();
    rig.app.front();
    rig.settling();
    assertThat(List.of(open.looksAgain, connecting.looksAgain, asleep.looksAgain))
        .as("and about to leave again")
        .containsExactly(3, 3, 2);
    rig.front();
  }

  @Test
  void theEndCallsOffWhatHasNotComeBackYet() {
    register(rig, "a", 0);
    rig.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.run();
    rig.engine.close();
    assertThat(rig.value(resumed).count(Outcome.CALLED_OFF)).isEqualTo(1);
  }

  @Test
  void oneThatClosesGracefullyWhenTheAppReturnsIsWaitedFor() {
    FakeConnection connection =
        rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    rig.back();
    rig.front();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.run();
    assertThat(resumed).isNotDone();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(rig.value(resumed).count(Outcome.OPENED)).isEqualTo(1);
  }
}
