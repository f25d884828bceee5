package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.lifecycle.AppState;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.LoudLog;
import io.dormouse.task.LongRunningTask;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names, and the end: of one connection, of the registry, of the app. */
class EngineEndTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  // -------------------------------------------------------------------------------------- names

  @Test
  void aNameIsTakenUntilItsConnectionIsClosed() {
    FakeConnection first = rig.register("chat");
    assertThatThrownBy(() -> rig.engine.register(rig.prepared("chat")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: the name is taken");
    assertThat(rig.engine.find("chat")).containsSame(first);
    first.close();
    assertThat(rig.engine.find("chat")).isEmpty();
    FakeConnection second = rig.register("chat");
    assertThat(rig.engine.find("chat")).containsSame(second);
    first.close();
    assertThat(rig.engine.find("chat")).as("of another").containsSame(second);
  }

  @Test
  void aNewConnectionOfTheSameNameLivesBesideTheOldOneThatIsStillLeaving() {
    FakeConnection first = rig.register(rig.prepared("chat").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    first.close();
    FakeConnection second = rig.register("chat");
    assertThat(first.state()).isEqualTo(DRAINING);
    assertThat(second.state()).isEqualTo(OPEN);
    LongRunningTask task = rig.task("upload", second);
    rig.back();
    assertThat(second.state()).isEqualTo(OPEN);
    assertThat(rig.offenders()).as("no task covers the old one").containsExactly("chat (DRAINING)");
    rig.advance(Rig.HARD_CLOSE);
    assertThat(first.state()).isEqualTo(CLOSED);
    assertThat(rig.offenders()).isEmpty();
    task.close();
    rig.run();
    assertThat(second.state()).isEqualTo(SUSPENDED);
  }

  @Test
  void connectionsAndTheirSnapshotsAreInOrderOfRegistration() {
    FakeConnection a = rig.register("a");
    FakeConnection b = rig.register("b");
    rig.front();
    b.pause();
    rig.run();
    assertThat(rig.engine.connections()).containsExactly(a, b);
    RegistrySnapshot snapshot = rig.engine.snapshot();
    assertThat(snapshot.appState()).isEqualTo(AppState.FOREGROUND);
    assertThat(snapshot.connections()).extracting("name").containsExactly("a", "b");
    assertThat(snapshot.count(OPEN)).isEqualTo(1);
    assertThat(snapshot.count(SUSPENDED)).isEqualTo(1);
  }

  @Test
  void whatIsWantedIsToldToAnyThreadAtOnce() {
    FakeConnection connection = rig.register("a");
    FakeConnection covered = rig.register("covered");
    assertThat(connection.wantedNow()).isFalse();
    rig.app.front();
    assertThat(connection.wantedNow()).as("before the loop knows").isTrue();
    rig.run();
    connection.pause();
    assertThat(connection.wantedNow()).isFalse();
    connection.resume();
    assertThat(connection.wantedNow()).isTrue();
    LongRunningTask task = rig.task("upload", covered);
    rig.app.back();
    assertThat(connection.wantedNow()).isFalse();
    assertThat(covered.wantedNow()).isTrue();
    task.close();
    assertThat(covered.wantedNow()).isFalse();
    rig.app.front();
    connection.close();
    assertThat(connection.wantedNow()).isFalse();
    rig.app.terminate();
    assertThat(covered.wantedNow()).isFalse();
  }

  // ------------------------------------------------------------------------- the registry's end

  @Test
  void theEndIsWithinTheBudgetAndLeavesNothing() {
    FakeConnection silent = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    FakeConnection polite = rig.register("b");
    FakeConnection connecting = rig.register(rig.prepared("c").answer(Step.CONNECT, Answer.LATER));
    rig.front();
    CompletableFuture<Void> open = connecting.whenOpen();
    rig.run();
    rig.engine.close();
    rig.run();
    assertThat(polite.state()).isEqualTo(CLOSED);
    assertThat(connecting.state()).isEqualTo(CLOSED);
    assertThat(connecting.wire().aborts).isEqualTo(1);
    assertThat(rig.failure(open)).isInstanceOf(NotOpenException.class);
    rig.advance(Rig.HARD_CLOSE.minus(NANO));
    assertThat(silent.state()).isEqualTo(DRAINING);
    assertThat(rig.loop.hasEnded()).isFalse();
    rig.advance(NANO);
    assertThat(silent.state()).isEqualTo(CLOSED);
    assertThat(rig.loop.hasEnded()).isTrue();
    for (FakeConnection connection : List.of(silent, polite, connecting)) {
      assertThat(connection.log.states()).endsWith(CLOSED);
      assertThat(Rig.reasons(connection)).endsWith("CLOSED_BY_APP");
    }
    rig.assertIdle();
  }

  @Test
  void whatHasNotLetGoAtTheEndIsStillNamedAfterwards() {
    FakeConnection leaky = rig.register("leaky");
    rig.front();
    leaky.leaks = true;
    rig.engine.close();
    try (LoudLog log = LoudLog.throwing("io.dormouse.registry")) { // which keeps nothing open
      rig.run();
      assertThat(log.text()).contains("sockets are still open", "[leaky (CLOSED)]");
    }
    assertThat(rig.loop.hasEnded()).isTrue();
    assertThat(rig.offenders()).containsExactly("leaky (CLOSED)");
    leaky.leaks = false;
  }

  @Test
  void anEmptyRegistryEndsAtOnce() {
    rig.engine.close();
    rig.run();
    assertThat(rig.loop.hasEnded()).isTrue();
  }

  @Test
  void theSecondCloseDoesNothing() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.engine.close();
    rig.run();
    rig.engine.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(DRAINING);
    rig.advance(Rig.HARD_CLOSE);
    rig.engine.close();
    assertThat(connection.log.states()).containsOnlyOnce(CLOSED);
  }

  @Test
  void theRegistryMayBeClosedFromACallback() {
    FakeConnection connection = rig.prepared("a");
    connection.addListener(
        (self, change) -> {
          if (change.to() == OPEN) {
            rig.engine.close();
          }
        });
    rig.register(connection);
    FakeConnection other = rig.register("b");
    rig.front();
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(other.state()).isEqualTo(CLOSED);
    assertThat(rig.loop.hasEnded()).isTrue();
  }

  @Test
  void aClosedRegistryTakesNoConnection() {
    FakeConnection late = rig.prepared("late");
    rig.engine.close();
    assertThatThrownBy(() -> rig.engine.register(late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("late: the registry is closed; build a new one");
    rig.run();
    assertThatThrownBy(() -> rig.engine.register(late)).isInstanceOf(IllegalStateException.class);
    late.close();
    late.pause();
    late.resume();
    late.retryNow();
    assertThat(late.whenOpen()).isCompletedExceptionally();
  }

  @Test
  void aClosedRegistryIsSettledAndItsFuturesComplete() {
    rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.engine.close();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.run();
    assertThat(settled).isNotDone();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(settled).isCompleted();
    assertThat(rig.engine.settled()).isCompleted();
    assertThat(rig.engine.resumed()).isCompleted();
    assertThat(rig.engine.findOpenAndNotCovered()).isCompleted();
    assertThat(rig.engine.snapshot().connections()).isEmpty();
  }

  @Test
  void anEndInTheMiddleOfASuspendEndsThatToo() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(java.time.Duration.ofSeconds(1));
    rig.engine.close();
    rig.run();
    rig.advance(Rig.HARD_CLOSE.minusSeconds(1));
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(rig.value(settled).find("a")).isPresent();
    assertThat(rig.loop.hasEnded()).isTrue();
  }

  @Test
  void anEndInTheMiddleOfASettleDelayIsNotHeldUpByIt() {
    rig.register("a");
    rig.front();
    rig.settling();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.engine.close();
    rig.run();
    assertThat(settled).isCompleted();
    assertThat(rig.loop.hasEnded()).isTrue();
  }

  @Test
  void nothingIsHeardAfterTheEnd() {
    List<StateChange> heard = new ArrayList<>();
    FakeConnection connection = rig.register("a");
    connection.addListener((self, change) -> heard.add(change));
    rig.front();
    Generation generation = connection.wire().generation;
    rig.engine.close();
    rig.loop.run();
    generation.deliver(1, () -> connection.heard.add("late"));
    rig.run();
    assertThat(heard).last().extracting(StateChange::to).isEqualTo(CLOSED);
    assertThat(connection.heard).isEmpty();
    rig.app.front();
    rig.app.back();
    rig.assertIdle();
  }

  // ------------------------------------------------------------------------------ the loop's end

  /** Plays a loop that fails: it takes nothing more, and calls the engine as the last. */
  private void endLoop(Throwable failure) {
    rig.loop.execute(
        () -> {
          rig.loop.stop();
          rig.engine.loopEnded(failure);
        });
    rig.run();
  }

  @Test
  void aLoopThatFailsIsTheRegistrysEndAndEverythingSaysSo() {
    FakeConnection open = rig.register("open");
    FakeConnection flushing = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    FakeConnection closing = rig.register(rig.prepared("b").answer(Step.SOFT_CLOSE, Answer.LATER));
    FakeConnection connecting = rig.register(rig.prepared("c").answer(Step.CONNECT, Answer.LATER));
    FakeConnection paused = rig.register("paused");
    rig.front();
    paused.pause();
    rig.task("upload", open, connecting);
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    CompletableFuture<?> resumed = rig.engine.resumed();
    CompletableFuture<Void> whenOpen = connecting.whenOpen();
    open.answer(Step.SEND, Answer.LATER).answer(Step.FLUSH, Answer.LATER);
    CompletableFuture<Void> sent = open.send("never written");
    rig.run();
    assertThat(settled).isNotDone();
    assertThat(resumed).isNotDone();
    IllegalStateException failure = new IllegalStateException("on purpose");
    endLoop(failure);
    assertThat(rig.openSockets()).isZero();
    for (FakeConnection connection : rig.connections) {
      assertThat(connection.state()).as(connection.name()).isEqualTo(CLOSED);
      assertThat(connection.log.states()).as(connection.name()).endsWith(CLOSED);
    }
    CloseReason reason = open.snapshot().lastReason().orElseThrow();
    assertThat(reason).hasToString("INTERNAL_ERROR (the I/O thread has failed)");
    assertThat(reason.cause()).containsSame(failure);
    assertThat(flushing.snapshot().lastReason().orElseThrow()).hasToString("SUSPENDED");
    assertThat(closing.wire().aborts).isEqualTo(1);
    assertThat(rig.value(settled).socketsLeft()).isZero();
    assertThat(resumed).isCompleted();
    assertThat(rig.failure(whenOpen)).isInstanceOf(NotOpenException.class);
    assertThat(rig.failure(sent)).isInstanceOf(SendFailedException.class);
    assertThat(rig.engine.tasks()).isEmpty();
    assertThatThrownBy(() -> rig.engine.register(rig.prepared("late")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("late: the registry is closed; build a new one");
    assertThat(rig.app.listeners()).isZero();
  }

  @Test
  void aLoopThatFailsInASettleDelayOrWhileASuspendIsVerifiedLeavesNobodyWaiting() {
    rig.register("a");
    rig.front();
    rig.settling();
    CompletableFuture<SuspendReport> settling = rig.engine.settled();
    rig.run();
    rig.loop.execute(rig.loop::stop); // nothing that comes later is taken
    rig.loop.execute(() -> rig.engine.loopEnded(null));
    rig.run();
    assertThat(settling).isCompleted();
    assertThat(rig.engine.settled()).isCompleted();
    assertThat(rig.engine.resumed()).isCompleted();
  }

  @Test
  void whatIsRegisteredAsTheLoopFailsIsToldToo() {
    FakeConnection before = rig.prepared("before");
    FakeConnection after = rig.prepared("after");
    List<ConnectionState> atTheEnd = new ArrayList<>(); // and not after tasks that no loop runs
    rig.loop.execute(
        () -> {
          rig.engine.register(before);
          rig.loop.stop();
          rig.engine.register(after);
          rig.engine.loopEnded(null);
          atTheEnd.addAll(List.of(before.state(), after.state()));
        });
    rig.run();
    assertThat(atTheEnd).containsExactly(CLOSED, CLOSED);
  }

  @Test
  void aTaskHearsOfItsEndAlsoFromALoopThatFails() {
    List<String> told = new ArrayList<>();
    LongRunningTask task =
        rig.task("upload", options -> options.onEnded(of -> told.add("ended " + of)));
    endLoop(new IllegalStateException("on purpose"));
    assertThat(task.ending()).contains(LongRunningTask.Ending.REVOKED);
    assertThat(told).containsExactly("ended task upload REVOKED");
  }

  @Test
  void aLoopThatEndsAsItShouldIsNoFailure() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.engine.close();
    rig.loop.execute(() -> rig.loop.execute(() -> rig.engine.loopEnded(null)));
    rig.run();
    assertThat(connection.snapshot().lastReason().orElseThrow()).hasToString("CLOSED_BY_APP");
  }

  // ------------------------------------------------------------------------------ the app's end

  @Test
  void theAppsEndIsTheRegistrysEnd() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.app.terminate();
    rig.run();
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(rig.loop.hasEnded()).isTrue();
    assertThatThrownBy(() -> rig.engine.register(rig.prepared("b")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aConnectionThatIsRegisteredWhileTheAppIsTerminatingIsClosedToo() {
    rig.register("a");
    rig.app.terminate();
    FakeConnection late = rig.engine.register(rig.prepared("late")); // the loop knows nothing yet
    CompletableFuture<Void> open = late.whenOpen();
    rig.run();
    assertThat(late.state()).isEqualTo(CLOSED);
    assertThat(late.log.states()).containsExactly(SUSPENDED, CLOSED);
    assertThat(rig.failure(open)).isInstanceOf(NotOpenException.class);
    assertThat(rig.loop.hasEnded()).isTrue();
    assertThat(late.wires()).isEmpty();
  }

  /** Neither the foreground nor a new connection is of any use then. */
  @Test
  void whatIsRefusedAfterTheAppsEndSaysThatTheRegistryIsClosed() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.app.back();
    CompletableFuture<Void> onItsWay = connection.send("x");
    rig.app.terminate();
    rig.run();
    assertSaysThatTheRegistryIsClosed(onItsWay, DRAINING);
    assertSaysThatTheRegistryIsClosed(connection.send("x"), DRAINING);
    CompletableFuture<Void> waiting = connection.whenOpen();
    rig.advance(Rig.HARD_CLOSE);
    assertSaysThatTheRegistryIsClosed(waiting, CLOSED);
    assertSaysThatTheRegistryIsClosed(connection.whenOpen(), CLOSED);
    assertSaysThatTheRegistryIsClosed(connection.send("x"), CLOSED);
  }

  private void assertSaysThatTheRegistryIsClosed(
      CompletableFuture<Void> refused, ConnectionState state) {
    assertThat(rig.failure(refused))
        .isInstanceOf(NotOpenException.class)
        .hasMessage("a: not open but " + state + "; the registry is closed, so build a new one");
  }

  @Test
  void aRegistryThatBeginsAfterTheAppsEndEndsAtOnce() {
    rig.app.terminate();
    rig.run();
    assertThat(rig.loop.hasEnded()).isTrue();
  }

  @Test
  void oneConnectionsEndIsNoReasonForAnyOther() {
    FakeConnection a = rig.register("a");
    FakeConnection b = rig.register("b");
    rig.front();
    rig.onLoop(() -> a.wire().end(CloseReason.of(Kind.PEER_RESET)));
    a.close();
    rig.run();
    assertThat(a.state()).isEqualTo(ConnectionState.CLOSED);
    assertThat(b.log.states()).endsWith(OPEN).hasSize(4);
    rig.assertIdle();
  }
}
