package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.PREPARING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A wire, listener, callback, retry policy or executor that fails harms its own connection only.
 */
class BrokenPartsTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"COUNT_SOCKETS"},
      mode = EnumSource.Mode.EXCLUDE)
  void aWireThatThrowsEndsItsGenerationAndNothingElse(Step step) {
    throwAt(step, new IllegalStateException("on purpose"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"COUNT_SOCKETS"},
      mode = EnumSource.Mode.EXCLUDE)
  void aWireThatThrowsAnErrorEndsItsGenerationAndNothingElse(Step step) {
    throwAt(step, new NoClassDefFoundError("some/Optional"));
  }

  private void throwAt(Step step, Throwable thrown) {
    FakeConnection bad = rig.prepared("bad").answer(step, Answer.THROWS);
    bad.thrown = thrown;
    if (step == Step.UNFLUSH) {
      bad.answer(Step.FLUSH, Answer.LATER);
    }
    rig.register(bad);
    FakeConnection good = rig.register("good");
    rig.front();
    assertThat(good.state()).as("it comes after the bad one").isEqualTo(OPEN);
    if (bad.state() == OPEN) {
      CompletableFuture<Void> sent = bad.send("x");
      rig.run();
      assertThat(sent).isDone();
    }
    if (bad.state() == OPEN && step == Step.RESUME_READING) {
      stopAndResumeReading(bad);
    }
    rig.back();
    if (step == Step.UNFLUSH) {
      rig.front();
      assertThat(bad.state()).isIn(SUSPENDED, WAITING, CONNECTING, OPEN);
    }
    rig.back();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(good.state()).isEqualTo(SUSPENDED);
    assertThat(bad.state()).isEqualTo(SUSPENDED);
    assertThat(rig.openSockets()).isZero();
    assertThat(rig.engine.settled()).satisfies(settled -> rig.value(settled));
    rig.assertIdle();
    bad.answer(step, Answer.AT_ONCE);
    rig.front();
    rig.advance(Duration.ofSeconds(1));
    assertThat(bad.state()).isEqualTo(OPEN);
    if (step == Step.MAKING || step == Step.CONNECT) {
      assertThat(Rig.reasons(bad)).contains("INTERNAL_ERROR");
    }
  }

  private void stopAndResumeReading(FakeConnection connection) {
    rig.loop.execute(() -> assertThat(connection.wire().receive("x".repeat(Rig.UNREAD))).isFalse());
    rig.loop.run();
    rig.run();
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"CONNECT", "SEND", "FLUSH", "UNFLUSH", "SOFT_CLOSE", "RESUME_READING"})
  void aWireThatEndsInsideACallEndsItsGenerationOnce(Step step) {
    FakeConnection connection = rig.prepared("a").answer(step, Answer.ENDS);
    if (step == Step.UNFLUSH) {
      connection.answer(Step.FLUSH, Answer.LATER);
    }
    rig.register(connection);
    rig.front();
    if (connection.state() == OPEN) {
      CompletableFuture<Void> sent = connection.send("x");
      rig.run();
      assertThat(sent).isDone();
    }
    if (connection.state() == OPEN && step == Step.RESUME_READING) {
      stopAndResumeReading(connection);
    }
    rig.back();
    rig.front();
    rig.back();
    rig.advance(Rig.HARD_CLOSE);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires()).allSatisfy(wire -> assertThat(wire.aborts).isLessThan(2));
    rig.assertIdle();
  }

  @Test
  void aWireThatTellsItsSuccessWhileItIsMadeIsHeard() {
    // The answer is AT_ONCE: connect() calls connected(), and flush() and closeGracefully() theirs.
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.back();
    assertThat(connection.log.states())
        .containsExactly(SUSPENDED, CONNECTING, PREPARING, OPEN, DRAINING, SUSPENDED);
    assertThat(connection.wire().aborts).isZero();
  }

  static List<Throwable> throwables() {
    return List.of(
        new IllegalStateException("on purpose"),
        new AssertionError("on purpose"),
        new IOException("undeclared, as Kotlin does"));
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aListenerThatThrowsHoldsUpNobody(Throwable throwable) {
    FakeConnection connection = rig.prepared("a");
    ConnectionListener bad = (self, change) -> Sneaky.raise(throwable);
    List<StateChange> heard = new ArrayList<>();
    connection.addListener(bad);
    connection.addListener((self, change) -> heard.add(change));
    rig.register(connection);
    rig.front();
    rig.back();
    assertThat(connection.log.states())
        .containsExactly(SUSPENDED, CONNECTING, PREPARING, OPEN, DRAINING, SUSPENDED);
    assertThat(heard).isEqualTo(connection.log.changes());
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aCallbackThatThrowsHoldsUpNoneOfTheNext(Throwable throwable) {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.onLoop(
        () -> {
          connection.wire().generation.deliver(1, () -> Sneaky.raise(throwable));
          connection.wire().receive("next");
        });
    assertThat(connection.heard).containsExactly("next");
  }

  static List<RetryPolicy> brokenPolicies() {
    return List.of(
        ended -> {
          throw new IllegalStateException("on purpose");
        },
        ended -> {
          throw new AssertionError("on purpose");
        },
        ended -> {
          Sneaky.raise(new IOException("undeclared, as Kotlin does"));
          return Decision.retryAfter(Duration.ZERO);
        },
        ended -> null);
  }

  @ParameterizedTest
  @MethodSource("brokenPolicies")
  void aPolicyThatFailsGivesUpUntilTheNextForeground(RetryPolicy policy) {
    FakeConnection connection = rig.register(rig.prepared("a", 0, policy));
    FakeConnection other = rig.register("other");
    rig.front();
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(connection.state()).isEqualTo(FAILED);
    assertThat(other.state()).isEqualTo(OPEN);
    rig.assertIdle();
    rig.back();
    rig.front();
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void aPolicyIsToldWhatItNeeds() {
    List<RetryPolicy.Ended> asked = new ArrayList<>();
    RetryPolicy policy =
        ended -> {
          asked.add(ended);
          return Decision.retryAfter(Duration.ofSeconds(ended.failures() - 1));
        };
    FakeConnection connection = rig.register(rig.prepared("a", 0, policy));
    rig.front();
    rig.advance(Duration.ofSeconds(3));
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(connection.state()).as("after a delay of zero").isEqualTo(OPEN);
    CloseReason reset = CloseReason.of(Kind.PEER_RESET);
    rig.onLoop(() -> connection.wire().end(reset));
    rig.advance(Duration.ofSeconds(1));
    assertThat(connection.state()).as("after a delay of 1 s").isEqualTo(OPEN);
    rig.advance(Duration.ofSeconds(2)); // a session too short
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(asked)
        .containsExactly(
            RetryPolicy.Ended.of(LOST).withSinceForeground(Duration.ofSeconds(3)).withRandom(0.5),
            RetryPolicy.Ended.of(reset)
                .withFailures(2, Duration.ZERO)
                .withSinceForeground(Duration.ofSeconds(3))
                .withRandom(0.5),
            RetryPolicy.Ended.of(LOST)
                .withFailures(3, Duration.ofSeconds(1))
                .withSinceForeground(Duration.ofSeconds(6))
                .withRandom(0.5));
  }

  static List<RuntimeException> refusals() {
    return List.of(
        new RejectedExecutionException("shut down"), new IllegalStateException("not started"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void anExecutorThatRefusesLosesNoCallback(RuntimeException refusal) {
    FakeConnection connection = rig.register("a");
    FakeConnection other = rig.register("other");
    rig.callbacks.refuseWith(refusal);
    rig.front();
    rig.back();
    rig.callbacks.refuseWith(null);
    for (FakeConnection each : List.of(connection, other)) {
      assertThat(each.log.states())
          .containsExactly(SUSPENDED, CONNECTING, PREPARING, OPEN, DRAINING, SUSPENDED);
    }
  }
}
