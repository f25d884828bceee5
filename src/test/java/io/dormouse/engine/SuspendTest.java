package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Entry;
import io.dormouse.observe.SuspendReport.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry goes to sleep: within one budget, with a report that says what became of each. */
class SuspendTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static Entry entry(SuspendReport report, String name) {
    return report.find(name).orElseThrow();
  }

  @Test
  void theReportHasAllFiveOutcomes() {
    rig.register("clean");
    FakeConnection slow = rig.register(rig.prepared("slow").answer(Step.SEND, Answer.LATER));
    slow.answer(Step.FLUSH, Answer.LATER);
    rig.register(rig.prepared("connecting").answer(Step.CONNECT, Answer.LATER));
    FakeConnection kept = rig.register("kept");
    FakeConnection back = rig.register(rig.prepared("back").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.task("upload", kept);
    CompletableFuture<Void> written = slow.send("12345");
    CompletableFuture<Void> unsent = slow.send("678");
    CompletableFuture<Void> unsentToo = slow.send("90");
    rig.run();
    rig.onLoop(() -> slow.wire().writeOne());
    rig.back();
    rig.advance(Duration.ofSeconds(1));
    rig.task("sync", back);
    assertThat(rig.engine.settled()).isNotDone();
    rig.advance(Rig.HARD_CLOSE);
    SuspendReport report = rig.lastSuspend();
    assertThat(report.connections())
        .extracting(Entry::name, Entry::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("clean", Outcome.CLOSED_CLEANLY),
            org.assertj.core.groups.Tuple.tuple("slow", Outcome.ABORTED),
            org.assertj.core.groups.Tuple.tuple("connecting", Outcome.WAS_NOT_OPEN),
            org.assertj.core.groups.Tuple.tuple("kept", Outcome.KEPT),
            org.assertj.core.groups.Tuple.tuple("back", Outcome.STAYED_OPEN));
    assertThat(entry(report, "slow").unsentMessages()).isEqualTo(2);
    assertThat(entry(report, "slow").unsentBytes()).isEqualTo(5);
    assertThat(entry(report, "slow").took()).isEqualTo(Rig.HARD_CLOSE);
    assertThat(entry(report, "clean").unsentMessages()).isZero();
    assertThat(entry(report, "clean").took()).isZero();
    assertThat(entry(report, "kept").keptBy()).contains("upload");
    assertThat(entry(report, "back").took()).isEqualTo(Duration.ofSeconds(1));
    assertThat(report.took()).isEqualTo(Rig.HARD_CLOSE).isLessThan(Rig.BUDGET);
    assertThat(report.withinBudget()).isTrue();
    assertThat(report.socketsLeft()).isZero();
    assertThat(written).isCompleted();
    assertThat(unsent).isCompletedExceptionally();
    assertThat(unsentToo).isCompletedExceptionally();
    assertThat(rig.openSockets()).isEqualTo(2);
  }

  @Test
  void aPeerThatBreaksTheConnectionDuringTheGracefulCloseIsNoCleanClose() {
    FakeConnection connection =
        rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    FakeConnection closedByPeer =
        rig.register(rig.prepared("b").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    rig.back();
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET)));
    rig.onLoop(() -> closedByPeer.wire().end(CloseReason.of(Kind.PEER_CLOSED)));
    SuspendReport report = rig.lastSuspend();
    assertThat(entry(report, "a").outcome()).isEqualTo(Outcome.ABORTED);
    assertThat(entry(report, "b").outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(Rig.reasons(connection)).endsWith("SUSPENDED");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 200})
  void oneBudgetIsForAllHoweverMany(int connections) {
    for (int i = 0; i < connections; i++) {
      rig.register(rig.prepared("c" + i).answer(Step.FLUSH, Answer.LATER));
    }
    rig.front();
    assertThat(rig.openSockets()).isEqualTo(connections);
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.run();
    assertThat(settled).as("in the foreground, at once").isCompleted();
    rig.back();
    settled = rig.engine.settled();
    rig.advance(Rig.HARD_CLOSE.minus(NANO));
    assertThat(settled).isNotDone();
    rig.advance(NANO);
    SuspendReport report = rig.value(settled);
    assertThat(report.count(Outcome.ABORTED)).isEqualTo(connections);
    assertThat(report.withinBudget()).isTrue();
    assertThat(rig.openSockets()).isZero();
    rig.assertIdle();
  }

  /** The normal case of a network that is dead: the app's hook waits for it. */
  @Test
  void aPeerThatDoesNotAnswerTheCloseHandshakeHasASecondAndNotTheBudget() {
    FakeConnection silent = rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Rig.CLOSE_TIMEOUT.minus(NANO));
    assertThat(silent.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(silent.state()).isEqualTo(SUSPENDED);
    assertThat(silent.wire().aborts).isEqualTo(1);
    SuspendReport report = rig.value(settled);
    assertThat(report.took()).isEqualTo(Rig.CLOSE_TIMEOUT);
    assertThat(entry(report, "a").outcome()).isEqualTo(Outcome.ABORTED);
    rig.assertIdle();
  }

  @Test
  void whatIsToBeWrittenMayUseTheBudgetAndThePeersTimeCountsFromThen() {
    FakeConnection early = rig.register(rig.prepared("early").answer(Step.FLUSH, Answer.LATER));
    FakeConnection late = rig.register(rig.prepared("late").answer(Step.FLUSH, Answer.LATER));
    early.answer(Step.SOFT_CLOSE, Answer.LATER);
    late.answer(Step.SOFT_CLOSE, Answer.LATER);
    rig.front();
    rig.back();
    rig.advance(Duration.ofSeconds(2));
    rig.onLoop(() -> early.wire().flushed());
    rig.advance(Rig.CLOSE_TIMEOUT);
    assertThat(early.state()).isEqualTo(SUSPENDED);
    rig.onLoop(() -> late.wire().flushed());
    rig.advance(Rig.HARD_CLOSE.minusSeconds(3).minus(NANO));
    assertThat(late.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(late.state()).as("within the budget").isEqualTo(SUSPENDED);
    SuspendReport report = rig.lastSuspend();
    assertThat(entry(report, "early").took()).isEqualTo(Duration.ofSeconds(3));
    assertThat(entry(report, "late").took()).isEqualTo(Rig.HARD_CLOSE);
  }

  /** The loop may be busy when the hook is called, and the app's time runs all the same. */
  @Test
  void theBudgetCountsFromTheHookAndNotFromWhenTheLoopHearsOfIt() {
    rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.app.back();
    rig.loop.stall(Duration.ofMillis(300));
    rig.run();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Rig.HARD_CLOSE.minusMillis(300));
    assertThat(rig.value(settled).took()).isEqualTo(Rig.HARD_CLOSE);
  }

  /** The app's thread has said where it is, and the loop's task for that comes late. */
  @Test
  void whoAsksAsSoonAsTheAppHasLeftWaitsForThatSuspend() {
    rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.loop.runOutOfMemory(1);
    rig.app.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.run();
    assertThat(settled).isNotDone();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(entry(rig.value(settled), "a").outcome()).isEqualTo(Outcome.ABORTED);
  }

  @Test
  void whoAsksAsSoonAsTheRegistryIsClosedWaitsForItsEnd() {
    rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.loop.runOutOfMemory(1);
    rig.engine.close();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.run();
    assertThat(settled).isNotDone();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(settled).isCompleted();
  }

  @Test
  void aSuspendOfNothingSettlesAtOnce() {
    rig.front();
    rig.back();
    assertThat(rig.lastSuspend().connections()).isEmpty();
    rig.assertIdle();
  }

  @Test
  void beforeTheFirstForegroundThereIsNothingToSettle() {
    rig.register("a");
    rig.back();
    assertThat(rig.lastSuspend()).isEqualTo(Reports.NO_SUSPEND);
  }

  @Test
  void oneThatIsBeingClosedByTheAppHoldsTheSuspendUpOnlyWithinItsBudget() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().up());
    connection.close();
    rig.run();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofSeconds(1));
    assertThat(settled).as("something is being closed").isNotDone();
    rig.back();
    rig.advance(Rig.HARD_CLOSE.minusSeconds(1));
    SuspendReport report = rig.value(settled);
    assertThat(entry(report, "a").outcome()).isEqualTo(Outcome.ABORTED);
    assertThat(entry(report, "a").took()).isEqualTo(Rig.HARD_CLOSE.minusSeconds(1));
  }

  // ------------------------------------------------------------------------------- settling

  @Test
  void theBudgetCountsFromWhenTheAppLeftTheFront() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.settling();
    assertThat(connection.state()).as("nothing is touched").isEqualTo(OPEN);
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofMillis(700));
    assertThat(settled).as("the app has left").isNotDone();
    rig.back();
    rig.advance(Rig.HARD_CLOSE.minusMillis(700).minus(NANO));
    assertThat(connection.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    SuspendReport report = rig.value(settled);
    assertThat(report.took()).isEqualTo(Rig.HARD_CLOSE);
    assertThat(report.withinBudget()).isTrue();
  }

  @Test
  void backWithinTheDelayNothingWasTouched() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.settling();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofMillis(600));
    assertThat(settled).isNotDone();
    rig.front();
    assertThat(settled).isCompleted();
    assertThat(connection.log.states()).endsWith(OPEN).hasSize(4);
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  @Test
  void theReportSaysOfSeveralThatTheyWereNotOpen() {
    rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.LATER));
    rig.register(rig.prepared("b").answer(Step.CONNECT, Answer.LATER));
    rig.front();
    rig.back();
    assertThat(rig.lastSuspend().toString()).endsWith(", 2 were not open");
  }

  /** Half of the budget is 2 s. A delay above that says that the platform gives the time. */
  @ParameterizedTest
  @CsvSource({
    "0, 3600",
    "700, 2900",
    "2000, 1600",
    "2001, 3600",
    "3900, 3600",
    "5000, 3600",
    "300000, 3600"
  })
  void aDelayIsTakenOutOfTheBudgetIfHalfOfItRemains(long delayMillis, long leftMillis) {
    FakeConnection stuck = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    FakeConnection clean = rig.register("b");
    rig.front();
    rig.settling();
    rig.advance(Duration.ofMillis(delayMillis));
    rig.back();
    assertThat(stuck.state()).isEqualTo(DRAINING);
    rig.advance(Duration.ofMillis(leftMillis).minus(NANO));
    assertThat(stuck.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(stuck.state()).isEqualTo(SUSPENDED);
    SuspendReport report = rig.lastSuspend();
    assertThat(entry(report, clean.name()).outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(report.took()).isEqualTo(Rig.HARD_CLOSE);
    assertThat(report.withinBudget()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasPausedOrClosedDuringTheDelayEndsWithinTheSameBudget(boolean close) {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.settling();
    rig.advance(Duration.ofMillis(600));
    if (close) {
      connection.close();
    } else {
      connection.pause();
    }
    rig.advance(Duration.ofMillis(100));
    rig.back();
    rig.advance(Rig.HARD_CLOSE.minusMillis(700));
    assertThat(rig.openSockets()).isZero();
    assertThat(rig.lastSuspend().withinBudget()).isTrue();
    rig.assertIdle();
  }

  @Test
  void aRegistryThatBeginsInADelayOpensAndThenSleeps() {
    rig.app.front();
    rig.app.settling();
    FakeConnection connection = rig.register("a");
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.back();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
  }

  // ---------------------------------------------------------------------------- back and forth

  @Test
  void backDuringTheDrainStaysOpenAndTheSuspendIsSettled() {
    FakeConnection flushing = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    FakeConnection closing = rig.register(rig.prepared("b").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofMillis(400));
    rig.front();
    assertThat(flushing.state()).isEqualTo(OPEN);
    assertThat(settled).as("the other is still being closed").isNotDone();
    rig.advance(Duration.ofMillis(400));
    rig.onLoop(() -> closing.wire().finishGracefulClose());
    assertThat(closing.state()).isEqualTo(OPEN);
    SuspendReport report = rig.value(settled);
    assertThat(entry(report, "a").outcome()).isEqualTo(Outcome.STAYED_OPEN);
    assertThat(entry(report, "b").outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(entry(report, "b").took()).isEqualTo(Duration.ofMillis(800));
    assertThat(report.socketsLeft()).isZero();
  }

  @Test
  void aSecondSuspendBeginsWhileTheFirstIsUnderWayAndBothEnd() {
    FakeConnection a = rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    FakeConnection b = rig.register(rig.prepared("b").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.back();
    rig.advance(Duration.ofMillis(300));
    rig.front();
    rig.advance(Duration.ofMillis(300));
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofMillis(400));
    assertThat(a.state()).as("its first deadline").isEqualTo(SUSPENDED);
    assertThat(b.state()).isEqualTo(DRAINING);
    rig.advance(Rig.HARD_CLOSE.minusMillis(400));
    SuspendReport report = rig.value(settled);
    assertThat(entry(report, "a").took()).isEqualTo(Duration.ofMillis(400));
    assertThat(entry(report, "b").took()).isEqualTo(Rig.HARD_CLOSE);
    rig.assertIdle();
  }

  /**
   * The loop looks twice at what is wanted, and other threads don't wait for that: once when it
   * writes down who leaves, and once when it tells them.
   */
  @Test
  void aTaskThatStartsInTheMiddleOfASuspendDoesNotLeaveItWaitingForEver() {
    rig.register("a");
    FakeConnection covered = rig.register("b");
    rig.front();
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Observer.Step step) {
            if (step.name().equals("a") && step.change().to() == DRAINING) {
              rig.engine.startTask("sync", task -> task.covering(covered));
            }
          }
        });
    rig.back();
    rig.advance(Rig.BUDGET);
    assertThat(rig.lastSuspend().find("b")).isPresent();
    assertThat(covered.state()).as("the task has it open").isEqualTo(OPEN);
    rig.assertIdle();
  }

  @Test
  void aBlinkThatIsOverBeforeTheLoopLooksTouchesNothing() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.app.back();
    rig.app.front();
    rig.run();
    assertThat(connection.wires()).hasSize(1);
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.assertIdle();
  }

  @Test
  void aFutureOfSettledIsToldOffTheLoop() {
    CompletableFuture<Boolean> told = rig.engine.settled().thenApply(report -> rig.loop.inLoop());
    assertThat(rig.value(told)).isFalse();
  }

  @Test
  void whoWaitsForADrainThatLeadsToTheNextAttemptIsTold() {
    FakeConnection connection =
        rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    connection.pause();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.run();
    connection.resume();
    connection.answer(Step.CONNECT, Answer.LATER);
    rig.run();
    assertThat(settled).isNotDone();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(CONNECTING);
    assertThat(settled).isCompleted();
  }

  @Test
  void aStepSaysThatTheGenerationEndedOnlyWhenItHas() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.back();
    rig.front(); // in the middle of the drain, so it stays
    rig.back();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(connection.log.changes())
        .filteredOn(change -> change.reason().isPresent())
        .extracting(change -> change.to() + ": " + change.ended().map(CloseReason::kind))
        .containsExactly(
            "DRAINING: Optional.empty",
            "DRAINING: Optional.empty",
            "SUSPENDED: Optional[SUSPENDED]");
  }
}
