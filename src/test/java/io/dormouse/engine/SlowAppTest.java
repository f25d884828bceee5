package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.observe.ResumeReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing piles up without a bound behind an app that is slow, or stuck. */
class SlowAppTest {
  /** What a stuck app may be told beyond the bound: the end of what had begun. */
  private static final int A_FEW = 10;

  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** A connection that is tried again at once, whenever it ends. */
  private FakeConnection restless(String name) {
    return rig.register(rig.prepared(name, 0, ended -> Decision.retryAfter(Duration.ZERO)));
  }

  /** Ends each generation as soon as it is open, while no callback runs. */
  private void endAgainAndAgain(FakeConnection connection) {
    for (int i = 0; i < 1_000; i++) {
      rig.loop.execute(
          () -> {
            if (connection.state() == OPEN) {
              connection.wire().end(CloseReason.of(Kind.PEER_RESET));
            }
          });
      rig.loop.run();
    }
  }

  @Test
  void changesOfStateBehindAStuckCallbackAreBoundedAndAllTold() {
    FakeConnection connection = restless("a");
    rig.app.front();
    rig.loop.run();
    endAgainAndAgain(connection);
    assertThat(connection.state()).as("not tried again for now").isEqualTo(WAITING);
    assertThat(rig.loop.pendingTimers()).as("nothing polls").isZero();
    rig.run();
    assertThat(connection.log.changes()).hasSizeBetween(50, Inbox.MOST_CHANGES + A_FEW);
    assertThat(connection.state()).as("the app has caught up").isEqualTo(OPEN);
  }

  @Test
  void foregroundsBehindAStuckCallbackAreBoundedToo() {
    FakeConnection connection = rig.register("a");
    for (int i = 0; i < 1_000; i++) {
      rig.app.front();
      rig.loop.run();
      rig.app.back();
      rig.loop.run();
    }
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    int attempts = connection.wires().size();
    assertThat(attempts).isLessThan(Inbox.MOST_CHANGES);
    rig.run();
    assertThat(connection.log.changes()).hasSizeLessThan(Inbox.MOST_CHANGES + A_FEW);
    assertThat(connection.wires()).as("not wanted now").hasSize(attempts);
    rig.front();
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void aConnectionThatWasHeldBackComesWhenItsAppHasCaughtUpIfItIsWantedThen() {
    FakeConnection wanted = restless("wanted");
    FakeConnection paused = restless("paused");
    FakeConnection closed = restless("closed");
    List<FakeConnection> all = List.of(wanted, paused, closed);
    rig.app.front();
    rig.loop.run();
    all.forEach(this::endAgainAndAgain);
    rig.app.back();
    rig.loop.run();
    rig.app.front();
    rig.loop.run();
    assertThat(all).extracting(FakeConnection::state).containsOnly(SUSPENDED);
    paused.pause();
    closed.close();
    rig.run();
    assertThat(wanted.state()).isEqualTo(OPEN);
    assertThat(paused.state()).isEqualTo(SUSPENDED);
    assertThat(closed.log.states()).last().hasToString("CLOSED");
  }

  @Test
  void whoWaitsForTheResumeDoesNotWaitForAStuckApp() {
    FakeConnection connection = restless("a");
    rig.app.front();
    rig.loop.run();
    endAgainAndAgain(connection);
    rig.app.back();
    rig.loop.run();
    rig.app.front();
    rig.loop.run();
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.loop.run();
    rig.workers.runAll();
    assertThat(resumed).isCompleted();
    rig.run();
  }

  private void failAndRetryUntilBehind(FakeConnection connection) {
    for (int i = 0; i < 1_000; i++) {
      rig.loop.execute(
          () -> {
            if (connection.state() == OPEN) {
              connection.wire().end(CloseReason.of(Kind.PEER_RESET));
            }
          });
      connection.retryNow();
      rig.loop.run();
    }
  }

  @Test
  void aRetryThatWasAskedForWhileTheAppWasBehindIsMadeWhenItHasCaughtUp() {
    FakeConnection connection = rig.register(rig.prepared("a", 0, ended -> Decision.giveUp()));
    rig.app.front();
    rig.loop.run();
    failAndRetryUntilBehind(connection);
    int attempts = connection.wires().size();
    assertThat(attempts).isLessThan(Inbox.MOST_CHANGES);
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.wires()).hasSize(attempts + 1);
  }

  @Test
  void aRetryThatASleepHasOvertakenIsNotMadeAfterTheNextWake() {
    FakeConnection connection = rig.register(rig.prepared("a", 0, ended -> Decision.giveUp()));
    rig.app.front();
    rig.loop.run();
    failAndRetryUntilBehind(connection);
    int attempts = connection.wires().size();
    rig.app.back();
    rig.loop.run();
    connection.answer(Step.CONNECT, Answer.ENDS);
    rig.app.front();
    rig.callbacks.runAll(); // the loop hears of the foreground first, and then of this
    rig.run();
    assertThat(connection.state()).isEqualTo(FAILED);
    assertThat(connection.wires()).hasSize(attempts + 1);
  }

  /** Its callback is done before the loop can look whether the app is behind. */
  @Test
  void anAppThatTakesAtOnceNeverStopsTheReading() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.callbacks.runAtOnceElsewhere();
    List<Boolean> goesOn = new ArrayList<>();
    rig.onLoop(() -> goesOn.add(connection.wire().receive("x".repeat(Rig.UNREAD * 2))));
    assertThat(goesOn).as("nothing is left that would resume it").containsExactly(true);
    assertThat(connection.heard).hasSize(1);
  }

  @Test
  void theReadingGoesOnThoughThereIsNoMemoryToSaySoForAWhile() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.loop.execute(() -> connection.wire().receive("x".repeat(Rig.UNREAD)));
    rig.loop.run();
    rig.loop.runOutOfMemory(1);
    rig.run();
    assertThat(connection.heard).hasSize(1);
    assertThat(connection.wire().resumedReading).isEqualTo(1);
  }

  @Test
  void aGenerationIsNotToldToGoOnReadingWhereOnlyTheOneBeforeHadStopped() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.loop.execute(() -> connection.wire().receive("x".repeat(Rig.UNREAD)));
    rig.loop.execute(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET)));
    rig.loop.run();
    rig.loop.advance(Duration.ofSeconds(1));
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.wires()).hasSize(2);
    rig.run();
    assertThat(connection.heard).hasSize(1);
    assertThat(connection.wire().resumedReading).isZero();
  }

  // ------------------------------------------------------------------------------------ outcomes

  private FakeConnection open() {
    FakeConnection connection = rig.register("a");
    rig.front();
    return connection;
  }

  @Test
  void outcomesBehindABlockedContinuationAreBoundedLikeSends() {
    FakeConnection connection = open();
    int accepted = 0;
    CompletableFuture<Void> last = connection.send("x".repeat(1_000));
    while (!last.isCompletedExceptionally() && accepted < 1_000) {
      accepted++;
      rig.loop.run(); // which writes it, while nobody tells it
      last = connection.send("x".repeat(1_000));
    }
    assertThat(rig.failure(last)).isInstanceOf(SendQueueFullException.class);
    assertThat(connection.received).hasSize(accepted).hasSizeLessThan(10);
    assertThat(rig.value(connection.send("y"))).as("they have been told").isNull();
  }

  @Test
  void callbacksGoOnWhileOutcomesWait() {
    FakeConnection connection = open();
    CompletableFuture<Void> sent = connection.send("x");
    rig.loop.execute(() -> connection.wire().receive("question"));
    rig.loop.run();
    rig.callbacks.runAll();
    assertThat(connection.heard).containsExactly("question");
    assertThat(sent).isNotDone();
    rig.run();
    assertThat(sent).isCompleted();
  }

  @Test
  void aContinuationMaySendAsMuchAsWasSent() {
    FakeConnection connection = open();
    String all = "x".repeat(Rig.SEND_QUEUE - Outgoing.OVERHEAD);
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    CompletableFuture<Void> chain =
        connection
            .send(all)
            .thenCompose(done -> connection.send(all))
            .thenCompose(done -> connection.send(all))
            .thenRun(() -> sends.add(connection.send("small")));
    assertThat(rig.value(chain)).isNull();
    assertThat(rig.value(sends.get(0))).isNull();
    assertThat(connection.received).hasSize(4);
  }

  @Test
  void outcomesOfOneConnectionAreToldInOrder() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.SEND, Answer.LATER));
    rig.front();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      CompletableFuture<Void> sent = connection.send("x");
      if (i % 3 != 0) {
        CompletableFuture<Void> unused = sent.whenComplete((done, e) -> order.add(number));
      }
    }
    rig.loop.run();
    rig.loop.execute(
        () -> {
          for (int i = 0; i < 10; i++) {
            connection.wire().writeOne();
          }
          connection.wire().end(CloseReason.of(Kind.PEER_RESET));
        });
    rig.run();
    assertThat(order).isSorted().hasSize(13);
  }

  // -------------------------------------------------------------------------------------- whenOpen

  /** A future that counts how often somebody looks whether it is done. */
  private static final class Looked extends CompletableFuture<Void> {
    private final AtomicInteger looks;

    Looked(AtomicInteger looks) {
      this.looks = looks;
    }

    @Override
    public boolean isDone() {
      looks.incrementAndGet();
      return super.isDone();
    }
  }

  @Test
  void waitingForOpenCostsTheSameHoweverManyWait() {
    FakeConnection connection = rig.register("a");
    AtomicInteger looks = new AtomicInteger();
    List<CompletableFuture<Void>> waiters = new ArrayList<>();
    rig.loop.execute(
        () -> {
          for (int i = 0; i < 10_000; i++) {
            Looked waiter = new Looked(looks);
            waiters.add(waiter);
            connection.link().whenOpen(waiter);
          }
        });
    rig.loop.run();
    assertThat(looks.get()).isLessThan(30_000);
    rig.front();
    assertThat(waiters).allMatch(CompletableFuture::isDone);
  }

  @Test
  void whoGaveUpWaitingForOpenIsForgotten() {
    FakeConnection connection = rig.register("a");
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      CompletableFuture<Void> waiter = connection.whenOpen();
      rig.loop.run();
      waiter.cancel(false);
    }
    told.add(connection.whenOpen());
    rig.loop.run();
    assertThat(connection.link().waitersForOpen()).isLessThan(50);
    rig.front();
    assertThat(told.get(0)).isCompleted();
  }
}
