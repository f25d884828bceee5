package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.ResumeReport.Entry;
import io.dormouse.observe.ResumeReport.Outcome;
import io.dormouse.observe.SuspendReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry comes back: all is forgiven, and a report says what became of each. */
class ResumeTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);
  private static final CloseReason UNRESOLVED = CloseReason.of(Kind.UNRESOLVED);

  private FakeConnection registerConnecting(String name) {
    return rig.register(rig.prepared(name).answer(Step.CONNECT, Answer.LATER));
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
    FakeConnection opened = registerConnecting("opened");
    FakeConnection failed = registerConnecting("failed");
    FakeConnection hopeless = registerConnecting("hopeless");
    FakeConnection closed = registerConnecting("closed");
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
    registerConnecting("a");
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
    FakeConnection covered = registerConnecting("covered");
    registerConnecting("other");
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
    FakeConnection connection = registerConnecting("a");
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
    FakeConnection connection = registerConnecting("a");
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

  /** Also if a question had the loop follow the app before it knew of the connection. */
  @Test
  void whatIsRegisteredBeforeAForegroundBelongsToItsResume() {
    CompletableFuture<SuspendReport> unused = rig.engine.settled();
    rig.engine.register(rig.prepared("a"));
    rig.app.front();
    assertThat(rig.value(rig.engine.resumed()).count(Outcome.OPENED)).isEqualTo(1);
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
    registerConnecting("a");
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
