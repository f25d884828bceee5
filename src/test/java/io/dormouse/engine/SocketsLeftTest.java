package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A suspend counts what is still open, waits for what is being closed, and names the rest. */
class SocketsLeftTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  @Test
  void theOffendersAreNamed() {
    FakeConnection a = rig.register("a");
    rig.register("b");
    rig.front();
    assertThat(rig.offenders()).containsExactly("a (OPEN)", "b (OPEN)");
    rig.task("upload", a);
    assertThat(rig.offenders()).containsExactly("b (OPEN)");
    rig.back();
    assertThat(rig.offenders()).isEmpty();
  }

  @Test
  void oneThatIsBeingClosedIsAnOffenderUnlessItHoldsNoSocket() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    rig.back();
    assertThat(rig.offenders()).containsExactly("a (DRAINING)");
    rig.advance(Rig.HARD_CLOSE);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(rig.offenders()).isEmpty();
  }

  /** 'Closed' is counted and not hoped. */
  @Test
  void aWireThatDoesNotLetGoIsReported() {
    FakeConnection connection = rig.register("leaky");
    rig.front();
    connection.leaks = true;
    rig.back();
    SuspendReport report = rig.lastSuspend();
    assertThat(report.socketsLeft()).isEqualTo(1);
    assertThat(rig.offenders()).containsExactly("leaky (SUSPENDED)");
    connection.leaks = false;
    assertThat(rig.offenders()).isEmpty();
  }

  /** It has ended for other threads already, and the loop hears of that next. */
  @Test
  void whatATaskHadOpenThatEndsAsTheSuspendDoesIsNoOffender() {
    FakeConnection kept = rig.register("kept");
    FakeConnection closing = rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
    List<String> reported = new ArrayList<>();
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onSuspended(SuspendReport report, List<String> offenders) {
            reported.add(report.socketsLeft() + " " + offenders);
          }
        });
    rig.front();
    LongRunningTask task = rig.task("upload", kept);
    rig.back();
    rig.onLoop(
        () -> {
          closing.wire().finishGracefulClose();
          task.close();
        });
    assertThat(reported).containsExactly("0 []", "0 []");
    assertThat(kept.state()).isEqualTo(SUSPENDED);
  }

  @Test
  void aConnectionThatIsClosedForGoodAndHasNotLetGoIsAnOffenderToo() {
    FakeConnection connection = rig.register("leaky");
    rig.front();
    connection.leaks = true;
    connection.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(rig.offenders()).containsExactly("leaky (CLOSED)");
    rig.back();
    assertThat(rig.lastSuspend().socketsLeft()).isEqualTo(1);
    connection.leaks = false;
    assertThat(rig.offenders()).isEmpty();
  }

  @Test
  void aWireThatCannotTellItsSocketsCountsAsOneThatHasNotLetGo() {
    FakeConnection connection = rig.register("a");
    rig.front();
    connection.answer(Step.COUNT_SOCKETS, Answer.THROWS);
    rig.back();
    SuspendReport report = rig.lastSuspend();
    assertThat(report.socketsLeft()).isEqualTo(1);
    assertThat(rig.offenders()).containsExactly("a (SUSPENDED)");
    connection.answer(Step.COUNT_SOCKETS, Answer.AT_ONCE);
  }

  // ------------------------------------------------------------------- closing that takes its time

  private FakeConnection releasing() {
    FakeConnection connection = rig.register("pool");
    connection.answer(Step.SOFT_CLOSE, Answer.LATER).releasesLater = true;
    rig.front();
    return connection;
  }

  @Test
  void theGracefulCloseKnowsItsDeadline() {
    FakeConnection connection = releasing();
    long now = rig.loop.nanoTime();
    rig.back();
    assertThat(connection.wire().closeDeadlineNanos).isEqualTo(now + Rig.CLOSE_TIMEOUT.toNanos());
    rig.onLoop(connection.wire()::finishGracefulClose);
  }

  @Test
  void aWireThatStillClosesWhatItHoldsIsWaitedFor() {
    FakeConnection connection = releasing();
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Rig.CLOSE_TIMEOUT);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(settled).isNotDone();
    assertThat(rig.offenders()).containsExactly("pool (SUSPENDED)");
    rig.onLoop(connection.wire()::released);
    SuspendReport report = rig.value(settled);
    assertThat(report.socketsLeft()).isZero();
    assertThat(report.took()).isEqualTo(Rig.CLOSE_TIMEOUT);
    rig.assertIdle();
  }

  @Test
  void butNoLongerThanTheBudgetLasts() {
    FakeConnection connection = releasing();
    rig.back();
    CompletableFuture<SuspendReport> settled = rig.engine.settled();
    rig.advance(Rig.BUDGET.minusNanos(1));
    assertThat(settled).isNotDone();
    rig.advance(Duration.ofNanos(1));
    SuspendReport report = rig.value(settled);
    assertThat(report.socketsLeft()).isEqualTo(1);
    assertThat(report.withinBudget()).isTrue();
    rig.assertIdle();
    rig.onLoop(connection.wire()::released);
    assertThat(rig.offenders()).isEmpty();
  }
}
