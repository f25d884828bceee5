package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.PREPARING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One connection: its path through the states, and how long it may stay in each. */
class PathAndTimersTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

  // ---------------------------------------------------------------------------------- the path

  @Test
  void aConnectionOpensInTheForegroundAndSleepsInTheBackground() {
    FakeConnection connection = rig.register("a");
    rig.front();
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.assertIdle();
    rig.back();
    assertThat(connection.log.states())
        .containsExactly(SUSPENDED, CONNECTING, PREPARING, OPEN, DRAINING, SUSPENDED);
    assertThat(Rig.reasons(connection)).containsExactly("-", "-", "-", "SUSPENDED", "SUSPENDED");
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  /** In Scarlet nothing connects on the first launch, and here nothing connects too early. */
  @Test
  void theCurrentStateOfTheLifecycleIsReadOnRegistration() {
    FakeConnection early = rig.register("early");
    assertThat(early.state()).isEqualTo(SUSPENDED);
    assertThat(early.wires()).isEmpty();
    rig.front();
    assertThat(early.state()).isEqualTo(OPEN);
    assertThat(rig.register("late").state()).isEqualTo(OPEN);
    rig.back();
    assertThat(rig.register("in the background").wires()).isEmpty();
    rig.assertIdle();
  }

  @Test
  void aHundredTimesThereAndBackIsAHundredSocketsOneAtATime() {
    FakeConnection connection = rig.register("a");
    for (int i = 1; i <= 100; i++) {
      rig.front();
      assertThat(connection.state()).isEqualTo(OPEN);
      assertThat(connection.wires()).hasSize(i);
      rig.front();
      assertThat(connection.wires()).as("a second foreground").hasSize(i);
      rig.back();
      assertThat(connection.state()).isEqualTo(SUSPENDED);
      assertThat(rig.openSockets()).isZero();
      rig.assertIdle();
    }
  }

  // --------------------------------------------------------------------------------- the timers

  @Test
  void anAttemptHasItsConnectTimeoutAndNotMore() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.advance(Rig.CONNECT_TIMEOUT.minus(NANO));
    assertThat(connection.state()).isEqualTo(CONNECTING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(WAITING);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isZero();
    assertThat(Rig.reasons(connection)).containsExactly("-", "CONNECT_TIMEOUT");
  }

  @Test
  void anAttemptThatSucceedsHasNoTimeoutAnyMore() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.advance(Rig.CONNECT_TIMEOUT.minus(NANO));
    rig.onLoop(() -> connection.wire().up());
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.assertIdle();
  }

  @Test
  void theOpeningHasItsPrepareTimeoutAndNotMore() {
    FakeConnection connection = rig.prepared("a").opening(generation -> new CompletableFuture<>());
    rig.register(connection);
    rig.front();
    rig.advance(Rig.PREPARE_TIMEOUT.minus(NANO));
    assertThat(connection.state()).isEqualTo(PREPARING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(WAITING);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(Rig.reasons(connection)).containsExactly("-", "-", "PREPARE_FAILED");
  }

  @Test
  void theBackoffDoublesAndEndsExactlyWhenItIsOver() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.ENDS));
    rig.front();
    long[] millis = {500, 1_250, 2_500, 5_000, 10_000, 20_000, 35_000, 35_000};
    for (int i = 0; i < millis.length; i++) {
      assertThat(connection.wires()).hasSize(i + 1);
      assertThat(connection.snapshot().failures()).isEqualTo(i + 1);
      rig.advance(Duration.ofMillis(millis[i]).minus(NANO));
      assertThat(connection.wires()).hasSize(i + 1);
      rig.advance(NANO);
    }
    assertThat(connection.wires()).hasSize(millis.length + 1);
    assertThat(connection.liveWires()).isZero();
  }

  @Test
  void aSessionThatIsTooShortDoesNotClearTheFailures() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.onLoop(() -> connection.wire().end(LOST));
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.advance(Rig.MIN_UPTIME.minus(NANO));
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(connection.snapshot().failures()).isEqualTo(2);
    rig.advance(Duration.ofMillis(1_250).minus(NANO));
    assertThat(connection.state()).as("0.5 s was waited before").isEqualTo(WAITING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.advance(Rig.MIN_UPTIME);
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(connection.snapshot().failures()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"FLUSH", "SOFT_CLOSE"})
  void aPeerThatNeverAnswersCostsTheBudgetAndNotMore(Step silent) {
    FakeConnection connection = rig.register(rig.prepared("a").answer(silent, Answer.LATER));
    rig.front();
    rig.back();
    rig.advance((silent == Step.FLUSH ? Rig.HARD_CLOSE : Rig.CLOSE_TIMEOUT).minus(NANO));
    assertThat(connection.state()).isEqualTo(DRAINING);
    assertThat(rig.openSockets()).isEqualTo(1);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isZero();
    rig.assertIdle();
  }

  @Test
  void theFlushAndTheGracefulCloseShareOneBudget() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    rig.onLoop(() -> connection.wire().up());
    rig.back();
    rig.advance(Rig.HARD_CLOSE.minus(NANO));
    rig.onLoop(() -> connection.wire().flushed());
    assertThat(connection.wire().isSoftClosing()).isTrue();
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.assertIdle();
  }

  /** It was a backoff of 19 s. */
  @Test
  void whereThereWasNoRoomForASocketItComesUpWithinASecondOfThere() {
    FakeConnection connection = rig.prepared("a").endsWith(CloseReason.of(Kind.RESOURCE_EXHAUSTED));
    rig.register(connection.answer(Step.CONNECT, Answer.ENDS));
    rig.front();
    rig.advance(Duration.ofMinutes(2));
    assertThat(connection.snapshot().failures()).isZero();
    connection.answer(Step.CONNECT, Answer.AT_ONCE);
    rig.advance(Duration.ofSeconds(1));
    assertThat(connection.state()).isEqualTo(OPEN);
  }
}
