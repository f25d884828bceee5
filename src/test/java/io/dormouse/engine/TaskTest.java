package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.loop.Loop;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.LongRunningTask.Ending;
import io.dormouse.task.TaskOptions;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A long-running task keeps awake what it covers, and nothing else, and not for longer. */
class TaskTest {
  private final Rig rig = new Rig();
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private void tell(TaskOptions options) {
    options
        .onExpiring(task -> told.add("expiring " + task.remaining().orElseThrow()))
        .onRevoked(task -> told.add("revoked"));
  }

  @Test
  void aTaskKeepsWhatItCoversAndNothingElse() {
    FakeConnection covered = rig.register("covered");
    FakeConnection other = rig.register("other");
    rig.front();
    rig.task("upload", covered);
    rig.back();
    assertThat(covered.state()).isEqualTo(OPEN);
    assertThat(covered.wires()).hasSize(1);
    assertThat(other.state()).isEqualTo(SUSPENDED);
    assertThat(rig.openSockets()).isEqualTo(1);
    rig.assertIdle();
  }

  @Test
  void aTaskThatNamesNobodyCoversAllAlsoThoseThatComeLater() {
    FakeConnection a = rig.register("a");
    rig.front();
    LongRunningTask task = rig.task("upload");
    rig.back();
    FakeConnection later = rig.register("later");
    assertThat(a.state()).isEqualTo(OPEN);
    assertThat(later.state()).isEqualTo(OPEN);
    assertThat(task.covered()).isEmpty();
  }

  @Test
  void aTaskThatStartsInTheBackgroundWakesWhatItCovers() {
    FakeConnection covered = rig.register("covered");
    FakeConnection other = rig.register("other");
    rig.front();
    rig.back();
    rig.task("sync", covered);
    assertThat(covered.state()).isEqualTo(OPEN);
    assertThat(covered.wires()).hasSize(2);
    assertThat(other.state()).isEqualTo(SUSPENDED);
  }

  @Test
  void theLastTaskToEndPutsToSleepWhatItCovered() {
    FakeConnection connection = rig.register("a");
    rig.front();
    LongRunningTask upload = rig.task("upload", connection);
    LongRunningTask sync = rig.task("sync");
    rig.back();
    sync.close();
    rig.run();
    assertThat(connection.state()).as("another one covers it").isEqualTo(OPEN);
    assertThat(rig.lastSuspend().find("a").orElseThrow().keptBy()).contains("upload");
    upload.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    CloseReason reason = connection.snapshot().lastReason().orElseThrow();
    assertThat(reason).hasToString("TASK_ENDED (upload)");
    assertThat(rig.lastSuspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
    rig.assertIdle();
  }

  @Test
  void theBudgetOfATasksEndCountsFromItsEnd() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    LongRunningTask task = rig.task("upload");
    rig.back();
    rig.advance(Duration.ofMinutes(1));
    task.close();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Rig.HARD_CLOSE.minus(NANO));
    assertThat(connection.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(rig.value(settled).took()).isEqualTo(Rig.HARD_CLOSE);
  }

  @Test
  void aTaskThatEndsInTheForegroundChangesNothing() {
    FakeConnection connection = rig.register("a");
    rig.front();
    LongRunningTask task = rig.task("upload");
    task.close();
    rig.run();
    assertThat(connection.log.states()).endsWith(OPEN).hasSize(4);
    rig.assertIdle();
  }

  @Test
  void aTaskThatEndsDuringTheDrainOfOthersHasItsOwnBudget() {
    FakeConnection kept = rig.register(rig.prepared("kept").answer(Step.FLUSH, Answer.LATER));
    FakeConnection other = rig.register(rig.prepared("other").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    LongRunningTask task = rig.task("upload", kept);
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Duration.ofSeconds(1));
    task.close();
    rig.run();
    rig.advance(Rig.HARD_CLOSE.minusSeconds(1));
    assertThat(other.state()).isEqualTo(SUSPENDED);
    assertThat(kept.state()).isEqualTo(DRAINING);
    assertThat(settled).isNotDone();
    rig.advance(Duration.ofSeconds(1));
    SuspendReport report = rig.value(settled);
    assertThat(report.find("kept").orElseThrow().took()).isEqualTo(Rig.HARD_CLOSE);
    assertThat(report.socketsLeft()).isZero();
    rig.assertIdle();
  }

  @Test
  void aTaskThatStartsDuringTheDrainTurnsBackWhatHasNotBegunToClose() {
    FakeConnection flushing = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    FakeConnection closing = rig.register(rig.prepared("b").answer(Step.SOFT_CLOSE, Answer.LATER));
    rig.front();
    rig.back();
    rig.task("late");
    assertThat(flushing.state()).isEqualTo(OPEN);
    assertThat(flushing.wires()).hasSize(1);
    assertThat(closing.state()).isEqualTo(DRAINING);
    rig.onLoop(() -> closing.wire().finishGracefulClose());
    assertThat(closing.state()).isEqualTo(OPEN);
    assertThat(closing.wires()).hasSize(2);
  }

  @Test
  void aTaskCallsTheEndOfAnotherOffIfItComesInTime() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    LongRunningTask first = rig.task("first");
    rig.back();
    first.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(DRAINING);
    rig.task("second");
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(rig.lastSuspend().count(Outcome.STAYED_OPEN)).isEqualTo(1);
  }

  @Test
  void whatATaskCoversButTheAppPausedStaysAsleep() {
    FakeConnection connection = rig.register("a");
    connection.pause();
    rig.task("sync", connection);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    connection.resume();
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void inTheBackgroundWithATaskAConnectionIsTriedAgainAndWithoutItNotAnyMore() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.LATER));
    LongRunningTask task = rig.task("sync");
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.CONNECT_FAILED)));
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.state()).isEqualTo(CONNECTING);
    task.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires().get(1).aborts).isEqualTo(1);
    rig.assertIdle();
  }

  // ------------------------------------------------------------------------------- the deadline

  @Test
  void theWarningComesBeforeTheDeadlineAndTheDeadlineEndsTheTask() {
    FakeConnection connection = rig.register("a");
    LongRunningTask task =
        rig.task(
            "upload",
            options -> {
              tell(options);
              options.atMost(Duration.ofMinutes(3)).warnBefore(Duration.ofSeconds(10));
            });
    assertThat(task.remaining()).contains(Duration.ofMinutes(3));
    rig.advance(Duration.ofSeconds(170).minus(NANO));
    assertThat(told).isEmpty();
    rig.advance(NANO);
    assertThat(told).containsExactly("expiring PT10S");
    rig.advance(Duration.ofSeconds(10).minus(NANO));
    assertThat(task.ending()).isEmpty();
    assertThat(task.remaining()).contains(NANO);
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.advance(NANO);
    assertThat(task.ending()).contains(Ending.EXPIRED);
    assertThat(task.remaining()).contains(Duration.ZERO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(rig.engine.tasks()).isEmpty();
    assertThat(told).hasSize(1);
    rig.assertIdle();
  }

  @Test
  void theWarningIs6SecondsBeforeTheDeadlineIfNothingIsSaid() {
    rig.task(
        "upload",
        options -> {
          tell(options);
          options.atMost(Duration.ofSeconds(60));
        });
    rig.advance(Duration.ofSeconds(54));
    assertThat(told).containsExactly("expiring PT6S");
  }

  @Test
  void aTaskShorterThanItsWarningWarnsAtOnce() {
    rig.task(
        "upload",
        options -> {
          tell(options);
          options.atMost(Duration.ofSeconds(2));
        });
    assertThat(told).containsExactly("expiring PT2S");
    rig.advance(Duration.ofSeconds(2));
    assertThat(rig.engine.tasks()).isEmpty();
    rig.assertIdle();
  }

  @Test
  void aTaskThatEndsEarlyHasNoWarningAndNoDeadline() {
    LongRunningTask task =
        rig.task(
            "upload",
            options -> {
              tell(options);
              options.atMost(Duration.ofMinutes(3));
            });
    task.close();
    rig.run();
    rig.assertIdle();
    rig.advance(Duration.ofMinutes(4));
    assertThat(told).isEmpty();
    assertThat(task.ending()).contains(Ending.CLOSED);
  }

  @Test
  void noWarningComesAfterTheEndEvenIfItIsDueAlready() {
    LongRunningTask task =
        rig.task(
            "upload",
            options -> {
              tell(options);
              options.atMost(Duration.ofSeconds(60));
            });
    rig.loop.stall(Duration.ofSeconds(54)); // the loop is late, and the warning is due
    task.close();
    rig.run();
    assertThat(told).isEmpty();
    rig.assertIdle();
  }

  @Test
  void aTaskWithoutADeadlineHasNoTimer() {
    LongRunningTask task = rig.task("upload");
    assertThat(task.remaining()).isEmpty();
    rig.assertIdle();
  }

  // ------------------------------------------------------------------------------------ the end

  @Test
  void aRevokedTaskEndsAtOnceAndIsToldSo() {
    FakeConnection connection = rig.register("a");
    LongRunningTask task = rig.task("upload", this::tell);
    assertThat(connection.state()).isEqualTo(OPEN);
    task.revoke();
    rig.run();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(told).containsExactly("revoked");
    assertThat(task.ending()).contains(Ending.REVOKED);
  }

  @Test
  void aTaskEndsOnceWhateverIsCalledAgain() {
    LongRunningTask task = rig.task("upload", this::tell);
    assertThat(task).hasToString("task upload");
    task.close();
    task.close();
    task.revoke();
    rig.run();
    assertThat(task.ending()).contains(Ending.CLOSED);
    assertThat(task).hasToString("task upload CLOSED");
    assertThat(told).isEmpty();
  }

  @Test
  void aTaskMayBeClosedFromItsOwnWarning() {
    FakeConnection connection = rig.register("a");
    rig.task(
        "upload",
        options ->
            options
                .atMost(Duration.ofSeconds(60))
                .onExpiring(
                    task -> {
                      told.add("expiring");
                      task.close();
                    }));
    rig.advance(Duration.ofSeconds(54));
    assertThat(told).containsExactly("expiring");
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.assertIdle();
  }

  @Test
  void aTaskCallbackThatThrowsHurtsNobody() {
    FakeConnection connection = rig.register("a");
    rig.task(
        "upload",
        options ->
            options
                .atMost(Duration.ofSeconds(60))
                .onExpiring(
                    task -> {
                      throw new IllegalStateException("on purpose");
                    }));
    rig.advance(Duration.ofSeconds(60));
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.assertIdle();
  }

  @Test
  void twoTasksMayShareAName() {
    LongRunningTask one = rig.task("upload");
    LongRunningTask other = rig.task("upload");
    assertThat(rig.engine.tasks()).containsExactly(one, other);
    assertThat(rig.engine.snapshot().tasks()).containsExactly("upload", "upload");
    one.close();
    assertThat(rig.engine.tasks()).containsExactly(other);
  }

  @Test
  void aTaskCoversOnlyWhatIsRegistered() {
    FakeConnection unregistered = rig.prepared("nobody");
    assertThatThrownBy(() -> rig.task("upload", unregistered))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("upload: covers nobody, which is not registered; register it first");
    FakeConnection closed = rig.register("closed");
    closed.close();
    assertThatThrownBy(() -> rig.task("upload", closed))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(rig.engine.tasks()).isEmpty();
  }

  @Test
  void aTaskCoversAConnectionAndNotItsName() {
    FakeConnection first = rig.register("x");
    LongRunningTask task = rig.task("upload", first);
    assertThat(first.state()).isEqualTo(OPEN);
    first.close();
    FakeConnection second = rig.register("x");
    assertThat(second.state()).as("another of its name").isEqualTo(SUSPENDED);
    assertThat(second.wantedNow()).isFalse();
    assertThat(task.covered()).containsExactly("x");
  }

  @Test
  void aConnectionOfAnotherRegistryOrOneThatIsClosedIsNotCoveredThoughItsNameIsKnown() {
    FakeConnection closed = rig.register("x");
    closed.close();
    rig.register("x");
    try (Rig other = new Rig()) {
      FakeConnection others = other.register("x");
      for (FakeConnection wrong : List.of(closed, others)) {
        assertThatThrownBy(() -> rig.task("upload", wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "upload: covers a x that is closed or another registry's; cover the one that is"
                    + " registered here");
      }
    }
    assertThat(rig.engine.tasks()).isEmpty();
  }

  @Test
  void aClosedRegistryStartsNoTask() {
    rig.engine.close();
    assertThatThrownBy(() -> rig.task("upload"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("upload: the registry is closed");
  }

  @Test
  void theRegistrysEndRevokesItsTasks() {
    LongRunningTask task =
        rig.task(
            "upload",
            options -> {
              tell(options);
              options.atMost(Duration.ofMinutes(3));
            });
    rig.engine.close();
    rig.run();
    assertThat(task.ending()).contains(Ending.REVOKED);
    assertThat(told).containsExactly("revoked");
    rig.assertIdle();
  }

  /** Who looks at the list may be quicker than who starts it. */
  @Test
  void theStartOfATaskIsToldBeforeItsEndThoughThatHasComeFirst() {
    AtomicBoolean endsIt = new AtomicBoolean(true);
    AtomicReference<Engine> engine = new AtomicReference<>();
    Loop loop =
        (Loop)
            Proxy.newProxyInstance(
                Loop.class.getClassLoader(),
                new Class<?>[] {Loop.class},
                (proxy, method, args) -> {
                  if (method.getName().equals("execute")
                      && !engine.get().tasks().isEmpty()
                      && endsIt.getAndSet(false)) {
                    engine.get().tasks().forEach(LongRunningTask::close);
                  }
                  return method.invoke(rig.loop, args);
                });
    Environment real = rig.engine.environment();
    Environment environment =
        new Environment(loop, real.network(), real.callbacks(), real.settings());
    engine.set(new Engine(environment, AppLifecycle.alwaysForeground(), () -> {}));
    engine
        .get()
        .addObserver(
            new Observer() {
              @Override
              public void onTaskStarted(LongRunningTask task) {
                told.add("started");
              }

              @Override
              public void onTaskEnded(LongRunningTask task) {
                told.add("ended");
              }
            });
    LongRunningTask unused =
        engine.get().startTask("upload", options -> options.atMost(Duration.ofMinutes(3)));
    rig.run();
    assertThat(told).containsExactly("started", "ended");
    rig.assertIdle();
  }

  @Test
  void aTaskThatStartsWhileTheAppIsTerminatingIsRevokedToo() {
    rig.app.terminate();
    LongRunningTask task =
        rig.engine.startTask("upload", options -> options.atMost(Duration.ofMinutes(3)));
    rig.run();
    assertThat(task.ending()).contains(Ending.REVOKED);
    assertThat(rig.engine.tasks()).isEmpty();
    rig.assertIdle();
  }

  @Test
  void theEndIsToldOnceInWhateverWayAndWhenWhatItCoveredIsBeingClosed() {
    FakeConnection covered = rig.register("covered").answer(Step.SOFT_CLOSE, Answer.LATER);
    rig.front();
    LongRunningTask task =
        rig.task(
            "upload",
            options ->
                options
                    .onEnded(of -> told.add("first " + of.ending().orElseThrow()))
                    .onEnded(of -> told.add("second, " + covered.state())));
    rig.back();
    assertThat(told).isEmpty();
    task.close();
    task.revoke();
    rig.run();
    assertThat(told).containsExactly("first CLOSED", "second, DRAINING");
  }
}
