package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.PREPARING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.support.Sneaky;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection: its states, its timers, its callbacks, and what may go wrong with them. */
class LinkTest {
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

  // ------------------------------------------------------- every state, every word of the app

  /** Where a connection may be, and how a test gets it there. */
  private enum Place {
    ASLEEP(SUSPENDED),
    QUEUED(WAITING),
    IN_BACKOFF(WAITING),
    CONNECTING(ConnectionState.CONNECTING),
    PREPARING(ConnectionState.PREPARING),
    OPEN(ConnectionState.OPEN),
    FLUSHING(DRAINING),
    FLUSHING_TO_THE_END(DRAINING),
    CLOSING(DRAINING),
    CLOSING_THEN_BACK(DRAINING),
    CLOSING_FOR_GOOD(DRAINING),
    FAILED(ConnectionState.FAILED),
    CLOSED(ConnectionState.CLOSED);

    final ConnectionState state;

    Place(ConnectionState state) {
      this.state = state;
    }

    boolean isInTheBackground() {
      return this == ASLEEP || this == FLUSHING || this == CLOSING;
    }
  }

  private static FakeConnection bring(Rig rig, Place place) {
    FakeConnection connection =
        rig.prepared("a")
            .answer(Step.CONNECT, Answer.LATER)
            .answer(Step.FLUSH, Answer.LATER)
            .answer(Step.SOFT_CLOSE, Answer.LATER);
    switch (place) {
      case ASLEEP -> rig.register(connection);
      case QUEUED -> {
        rig.front();
        rig.registerSlow("in its way");
        rig.register(connection);
      }
      case IN_BACKOFF -> {
        rig.front();
        rig.register(connection);
        rig.onLoop(() -> connection.wire().end(LOST));
      }
      case FAILED -> {
        rig.front();
        rig.register(connection);
        rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.TLS_FAILED)));
      }
      case CLOSED -> {
        rig.register(connection);
        connection.close();
        rig.run();
      }
      default -> {
        rig.front();
        if (place == Place.PREPARING) {
          connection.opening(generation -> new CompletableFuture<>());
        }
        rig.register(connection);
        if (place != Place.CONNECTING) {
          rig.onLoop(() -> connection.wire().up());
        }
        leave(rig, connection, place);
      }
    }
    assertThat(connection.state()).isEqualTo(place.state);
    return connection;
  }

  private static void leave(Rig rig, FakeConnection connection, Place place) {
    switch (place) {
      case FLUSHING -> rig.back();
      case FLUSHING_TO_THE_END -> {
        connection.close();
        rig.run();
      }
      case CLOSING -> {
        rig.back();
        rig.onLoop(() -> connection.wire().flushed());
      }
      case CLOSING_THEN_BACK -> {
        rig.back();
        rig.onLoop(() -> connection.wire().flushed());
        rig.front();
      }
      case CLOSING_FOR_GOOD -> {
        connection.close();
        rig.run();
        rig.onLoop(() -> connection.wire().flushed());
      }
      default -> {}
    }
  }

  /** One connects at a time, so that one can be made to queue. */
  private static Rig narrow() {
    return new Rig(1, () -> 0.5, new io.dormouse.loop.ManualLoop());
  }

  /** Scarlet goes on retrying after stop, since its Connecting ignores stop. */
  @ParameterizedTest
  @EnumSource(Place.class)
  void theBackgroundEndsEveryStateAtOnceOrWithinItsBudget(Place place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = bring(rig, place);
      boolean hadLeft = place.state == DRAINING || place == Place.OPEN;
      ConnectionState end = connection.wantedNow() || !isGone(place) ? SUSPENDED : CLOSED;
      rig.back();
      int attempts = connection.wires().size();
      assertThat(connection.state()).isEqualTo(hadLeft ? DRAINING : end);
      rig.advance(Rig.HARD_CLOSE);
      assertThat(connection.state()).isEqualTo(end);
      assertThat(connection.wires()).hasSize(attempts);
      assertThat(rig.openSockets()).isZero();
      rig.assertIdle();
      rig.advance(Duration.ofHours(10));
      assertThat(connection.wires()).hasSize(attempts);
    }
  }

  private static boolean isGone(Place place) {
    return place == Place.CLOSED
        || place == Place.FLUSHING_TO_THE_END
        || place == Place.CLOSING_FOR_GOOD;
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void aPauseIsLegalInEveryStateAndTakenBackByResume(Place place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = bring(rig, place);
      connection.pause();
      connection.pause();
      rig.front();
      rig.advance(Rig.HARD_CLOSE);
      rig.advance(Duration.ofHours(1));
      assertThat(connection.state()).isEqualTo(isGone(place) ? CLOSED : SUSPENDED);
      assertThat(connection.wantedNow()).isFalse();
      connection.answer(Step.CONNECT, Answer.AT_ONCE).opening(null).resume();
      connection.resume();
      rig.advance(Duration.ofSeconds(1)); // whoever is in its way gives its place up by then
      assertThat(connection.state()).isEqualTo(isGone(place) ? CLOSED : OPEN);
    }
  }

  @Test
  void aPauseDuringAGracefulCloseThatWasToBeFollowedByAReturnCallsTheReturnOff() {
    FakeConnection connection = bring(rig, Place.CLOSING_THEN_BACK);
    connection.pause();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  /** In hivemq disconnect() throws while it reconnects. */
  @ParameterizedTest
  @EnumSource(Place.class)
  void aCloseIsLegalAndTheSameTwiceInEveryState(Place place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = bring(rig, place);
      connection.close();
      connection.close();
      rig.run();
      assertThat(connection.state()).isIn(CLOSED, DRAINING);
      assertThat(rig.engine.find("a")).as("its name is free at once").isEmpty();
      rig.advance(Rig.HARD_CLOSE);
      assertThat(connection.state()).isEqualTo(CLOSED);
      connection.close();
      connection.pause();
      connection.resume();
      connection.retryNow();
      rig.front();
      rig.back();
      rig.front();
      List<ConnectionState> states = connection.log.states();
      assertThat(states).endsWith(CLOSED).containsOnlyOnce(CLOSED);
      assertThat(connection.liveWires()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void retryNowEndsABackoffAndAFailureAndDoesNothingElse(Place place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = bring(rig, place);
      int attempts = connection.wires().size();
      connection.retryNow();
      rig.run();
      boolean tries = place == Place.IN_BACKOFF || place == Place.FAILED;
      assertThat(connection.wires()).hasSize(tries ? attempts + 1 : attempts);
      assertThat(connection.state()).isEqualTo(tries ? CONNECTING : place.state);
      if (tries) {
        assertThat(connection.snapshot().failures()).isZero();
      }
    }
  }

  /** Nats.java is CLOSED for good after two minutes offline. */
  @ParameterizedTest
  @EnumSource(Place.class)
  void theForegroundOpensWhatWasNotClosedFromEveryState(Place place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = bring(rig, place);
      connection.answer(Step.CONNECT, Answer.AT_ONCE).opening(null);
      if (!place.isInTheBackground()) {
        rig.back();
      }
      rig.front();
      rig.advance(Rig.HARD_CLOSE);
      assertThat(connection.state()).isEqualTo(isGone(place) ? CLOSED : OPEN);
    }
  }

  @ParameterizedTest
  @EnumSource(value = ConnectionState.class)
  void aListenerMayCloseItsConnectionAtEveryStep(ConnectionState at) {
    List<StateChange> heard = new ArrayList<>();
    FakeConnection connection = rig.prepared("a");
    connection.addListener(
        (self, change) -> {
          heard.add(change);
          if (change.to() == at) {
            connection.close();
            connection.close();
          }
        });
    rig.register(connection);
    rig.front();
    for (Kind kind : List.of(Kind.NETWORK_LOST, Kind.TLS_FAILED)) {
      if (connection.state() == OPEN) {
        rig.onLoop(() -> connection.wire().end(CloseReason.of(kind)));
        rig.advance(Duration.ofSeconds(1));
      }
    }
    rig.settling();
    rig.front();
    rig.back();
    assertThat(connection.state()).isEqualTo(at == CLOSED ? SUSPENDED : CLOSED);
    assertThat(heard).isEqualTo(connection.log.changes());
    rig.assertIdle();
  }

  // ------------------------------------------------------------------------------ the way back

  @Test
  void aForegroundDuringTheFlushKeepsTheSocket() {
    FakeConnection connection = bring(rig, Place.FLUSHING);
    rig.front();
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.wires()).hasSize(1);
    assertThat(connection.wire().isFlushing()).isFalse();
    rig.assertIdle();
    CompletableFuture<Void> sent = connection.send("again");
    rig.value(sent);
    assertThat(connection.log.states()).endsWith(OPEN, DRAINING, OPEN);
  }

  @Test
  void aForegroundDuringTheGracefulCloseReconnectsAsSoonAsThatIsOver() {
    FakeConnection connection = bring(rig, Place.CLOSING);
    rig.front();
    assertThat(connection.state()).isEqualTo(DRAINING);
    assertThat(connection.wires()).hasSize(1);
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(CONNECTING);
    assertThat(connection.wires()).hasSize(2);
    assertThat(connection.log.states()).endsWith(DRAINING, CONNECTING);
    assertThat(connection.wires().get(0).aborts).isZero();
  }

  @Test
  void aForegroundDuringAGracefulCloseThatIsNeverAnsweredReconnectsWhenThePeersTimeIsOver() {
    FakeConnection connection = bring(rig, Place.CLOSING);
    rig.advance(Duration.ofMillis(300));
    rig.front();
    rig.advance(Rig.CLOSE_TIMEOUT.minusMillis(300).minus(NANO));
    assertThat(connection.state()).isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(CONNECTING);
    assertThat(connection.wires().get(0).aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isEqualTo(1);
  }

  @Test
  void aSecondBackgroundDuringTheGracefulCloseCallsTheReturnOff() {
    FakeConnection connection = bring(rig, Place.CLOSING_THEN_BACK);
    rig.back();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  @Test
  void thereAndBackTwiceDuringOneDrainEndsWhereTheAppIs() {
    FakeConnection connection = bring(rig, Place.FLUSHING);
    rig.front();
    rig.back();
    rig.front();
    rig.back();
    assertThat(connection.state()).isEqualTo(DRAINING);
    assertThat(connection.wires()).hasSize(1);
    rig.advance(Rig.HARD_CLOSE.minus(NANO));
    assertThat(connection.state()).as("the budget counts anew").isEqualTo(DRAINING);
    rig.advance(NANO);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.assertIdle();
  }

  // ------------------------------------------------------------------------------- generations

  @Test
  void whatAnOldGenerationTellsIsDropped() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    FakeWire old = connection.wire();
    rig.back();
    rig.front();
    assertThat(connection.wires()).hasSize(2);
    rig.onLoop(
        () -> {
          old.generation.connected();
          old.generation.flushed();
          old.generation.closed();
          old.generation.ended(LOST);
          assertThat(old.generation.deliver(5, () -> connection.heard.add("late"))).isTrue();
          old.generation.offload(() -> "work", done -> connection.heard.add(done), failure -> {});
        });
    assertThat(connection.state()).isEqualTo(CONNECTING);
    assertThat(connection.heard).isEmpty();
    rig.onLoop(() -> connection.wire().up());
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.snapshot().generation()).isEqualTo(2);
  }

  /** In rabbitmq a connection that succeeds after close stays open. */
  @Test
  void aSuccessAfterTheCloseIsAborted() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    connection.close();
    rig.onLoop(() -> connection.wire().generation.connected());
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isZero();
    assertThat(connection.log.states()).containsExactly(SUSPENDED, CONNECTING, CLOSED);
    rig.assertIdle();
  }

  @Test
  void workOffTheLoopComesBackOnItUnlessTheGenerationIsOver() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    List<String> results = new ArrayList<>();
    rig.onLoop(
        () -> {
          connection
              .wire()
              .generation
              .offload(
                  () -> "found",
                  value -> results.add(value + " " + rig.loop.inLoop()),
                  failure -> results.add("?"));
          connection
              .wire()
              .generation
              .offload(
                  () -> {
                    throw new IOException("no such host");
                  },
                  value -> results.add("?"),
                  failure -> results.add(failure.getMessage() + " " + rig.loop.inLoop()));
        });
    assertThat(results).containsExactly("found true", "no such host true");
    rig.loop.execute(
        () ->
            connection
                .wire()
                .generation
                .offload(() -> "too late", results::add, failure -> results.add("?")));
    rig.loop.run();
    rig.app.back();
    rig.loop.run();
    rig.run();
    assertThat(results).hasSize(2);
  }

  @Test
  void workOffTheLoopThatFailsWithAnErrorFailsTheAttempt() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    List<String> failures = new ArrayList<>();
    rig.onLoop(
        () ->
            connection
                .wire()
                .generation
                .offload(
                    () -> {
                      throw new NoClassDefFoundError("some/Optional");
                    },
                    value -> failures.add("?"),
                    failure -> failures.add(String.valueOf(failure.getCause()))));
    assertThat(failures).containsExactly("java.lang.NoClassDefFoundError: some/Optional");
  }

  @Test
  void theSystemIsBlamedForWhatItTookInTheBackground() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.task("upload");
    rig.onLoop(() -> connection.wire().end(LOST));
    rig.advance(Duration.ofSeconds(1));
    rig.back();
    IOException cause = new IOException("gone");
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET, "reset", cause)));
    rig.advance(Duration.ofSeconds(2));
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PROTOCOL_ERROR)));
    assertThat(Rig.reasons(connection).stream().filter(reason -> !reason.equals("-")))
        .containsExactly("NETWORK_LOST", "KILLED_WHILE_BACKGROUND", "PROTOCOL_ERROR");
    CloseReason killed =
        connection.log.changes().stream()
            .flatMap(change -> change.reason().stream())
            .filter(reason -> reason.kind() == Kind.KILLED_WHILE_BACKGROUND)
            .findFirst()
            .orElseThrow();
    assertThat(killed.detail()).isEqualTo("reset");
    assertThat(killed.cause()).contains(cause);
  }

  /** A frozen process reads nothing: what was cut meanwhile is found when the app is back. */
  @Test
  void whatWasCutInTheBackgroundIsToldSoAlsoIfItIsFoundOutOnTheReturn() {
    FakeConnection found = rig.register("found at once");
    FakeConnection heard = rig.register("heard of since");
    FakeConnection late = rig.register("found late");
    FakeConnection fresh = rig.register("fresh");
    rig.front();
    rig.task("upload", found, heard, late);
    rig.back();
    rig.advance(Duration.ofMinutes(1));
    rig.front();
    rig.settling();
    rig.front(); // it was not away meanwhile
    CloseReason reset = CloseReason.of(Kind.PEER_RESET);
    rig.onLoop(() -> heard.wire().receive("here I am"));
    rig.advance(Duration.ofSeconds(2).minus(NANO));
    for (FakeConnection connection : List.of(found, heard, fresh)) {
      rig.onLoop(() -> connection.wire().end(reset));
    }
    rig.advance(NANO);
    rig.onLoop(() -> late.wire().end(reset));
    assertThat(lastReason(found)).isEqualTo(Kind.KILLED_WHILE_BACKGROUND);
    assertThat(lastReason(heard)).isEqualTo(Kind.PEER_RESET);
    assertThat(lastReason(fresh)).as("a socket of the foreground").isEqualTo(Kind.PEER_RESET);
    assertThat(lastReason(late)).isEqualTo(Kind.PEER_RESET);
    rig.advance(Duration.ofSeconds(1));
    rig.onLoop(() -> found.wire().end(reset));
    assertThat(lastReason(found)).as("its next socket").isEqualTo(Kind.PEER_RESET);
  }

  @Test
  void theNextSocketOfOneThatWasCutInTheBackgroundIsOneOfTheForeground() {
    FakeConnection cut = rig.register("a");
    rig.front();
    rig.task("upload", cut);
    rig.back();
    rig.front();
    CloseReason reset = CloseReason.of(Kind.PEER_RESET);
    rig.onLoop(() -> cut.wire().end(reset));
    assertThat(lastReason(cut)).isEqualTo(Kind.KILLED_WHILE_BACKGROUND);
    cut.retryNow();
    rig.advance(Duration.ofMillis(1));
    assertThat(cut.state()).isEqualTo(OPEN);
    rig.onLoop(() -> cut.wire().end(reset));
    assertThat(lastReason(cut)).isEqualTo(Kind.PEER_RESET);
  }

  /** It had lived through the background before this one. */
  @Test
  void whatWasLeavingWhenTheAppCameBackIsNotTakenForKilledInTheBackground() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.FLUSH, Answer.LATER));
    rig.front();
    LongRunningTask task = rig.task("t", connection);
    rig.back();
    rig.front();
    task.close();
    connection.pause();
    rig.back();
    rig.front();
    connection.resume();
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.wires()).hasSize(1);
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET)));
    assertThat(lastReason(connection)).isEqualTo(Kind.PEER_RESET);
  }

  private static Kind lastReason(FakeConnection connection) {
    return connection.snapshot().lastReason().orElseThrow().kind();
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

  // --------------------------------------------------------------------------------- the opening

  @Test
  void theOpeningRunsAmongTheCallbacksAndDecidesWhenItIsOpen() {
    List<String> order = new ArrayList<>();
    CompletableFuture<Void> signedIn = new CompletableFuture<>();
    FakeConnection connection =
        rig.prepared("a")
            .opening(
                generation -> {
                  order.add("opening of " + generation);
                  return signedIn;
                });
    connection.addListener((self, change) -> order.add(change.to().name()));
    rig.register(connection);
    rig.front();
    assertThat(connection.state()).isEqualTo(PREPARING);
    assertThat(order).containsExactly("CONNECTING", "PREPARING", "opening of 1");
    signedIn.complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.assertIdle();
  }

  static List<Function<Long, CompletionStage<?>>> brokenOpenings() {
    return List.of(
        generation -> {
          throw new IllegalStateException("on purpose");
        },
        generation -> {
          throw new AssertionError("on purpose");
        },
        generation -> {
          Sneaky.raise(new IOException("undeclared, as Kotlin does"));
          return null;
        },
        generation -> null,
        generation -> {
          CompletableFuture<Void> failed = new CompletableFuture<>();
          failed.completeExceptionally(new IOException("on purpose"));
          return failed;
        });
  }

  @ParameterizedTest
  @MethodSource("brokenOpenings")
  void anOpeningThatFailsIsAFailedAttempt(Function<Long, CompletionStage<?>> opening) {
    FakeConnection connection = rig.register(rig.prepared("a").opening(opening));
    rig.front();
    assertThat(connection.state()).isEqualTo(WAITING);
    assertThat(Rig.reasons(connection)).containsExactly("-", "-", "PREPARE_FAILED");
    assertThat(connection.wire().aborts).isEqualTo(1);
    connection.opening(null);
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void anOpeningThatSucceedsTooLateOpensNothing() {
    List<CompletableFuture<Void>> openings = new ArrayList<>();
    FakeConnection connection =
        rig.prepared("a")
            .opening(
                generation -> {
                  CompletableFuture<Void> opening = new CompletableFuture<>();
                  openings.add(opening);
                  return opening;
                });
    rig.register(connection);
    rig.front();
    rig.back();
    rig.front();
    openings.get(0).complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(PREPARING);
    openings.get(1).complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  // --------------------------------------------------------------------------- what goes wrong

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

  // ----------------------------------------------------------------------------- looking at it

  @Test
  void whenOpenCompletesAsSoonAsItIsOpen() {
    FakeConnection connection = rig.registerSlow("a");
    CompletableFuture<Void> open = connection.whenOpen();
    CompletableFuture<Void> cancelled = connection.whenOpen();
    rig.front();
    assertThat(open).isNotDone();
    cancelled.cancel(false);
    rig.onLoop(() -> connection.wire().end(LOST));
    rig.advance(Duration.ofMillis(500));
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.TLS_FAILED)));
    assertThat(connection.state()).isEqualTo(FAILED);
    assertThat(open).as("it waits through everything").isNotDone();
    connection.retryNow();
    rig.run();
    rig.onLoop(() -> connection.wire().up());
    assertThat(open).isCompleted();
    assertThat(connection.whenOpen()).as("at once").isCompleted();
  }

  @Test
  void whenOpenFailsWhenTheConnectionIsClosed() {
    FakeConnection connection = rig.registerSlow("a");
    CompletableFuture<Void> open = connection.whenOpen();
    rig.front();
    connection.close();
    rig.run();
    assertThat(rig.failure(open))
        .isInstanceOf(NotOpenException.class)
        .hasMessageStartingWith("a: not open but CLOSED");
    assertThat(rig.failure(connection.whenOpen())).isInstanceOf(NotOpenException.class);
  }

  @Test
  void whoeverWaitsForOpenIsToldOffTheLoop() {
    FakeConnection connection = rig.registerSlow("a");
    List<Boolean> inLoop = new ArrayList<>();
    CompletableFuture<Void> told =
        connection.whenOpen().thenRun(() -> inLoop.add(rig.loop.inLoop()));
    rig.front();
    rig.onLoop(() -> connection.wire().up());
    rig.value(told);
    assertThat(inLoop).containsExactly(false);
  }

  @Test
  void aSnapshotTellsHowItIs() {
    FakeConnection connection = rig.register("a");
    ConnectionSnapshot asleep = connection.snapshot();
    assertThat(asleep.state()).isEqualTo(SUSPENDED);
    assertThat(asleep.generation()).isZero();
    assertThat(asleep.lastReason()).isEmpty();
    rig.front();
    rig.advance(Duration.ofSeconds(2));
    rig.value(connection.send("four"));
    rig.onLoop(() -> connection.wire().receive("seven.."));
    rig.onLoop(() -> connection.wire().generation.countReceived(10));
    rig.onLoop(() -> connection.wire().generation.countSent(20));
    ConnectionSnapshot open = connection.snapshot();
    assertThat(open.name()).isEqualTo("a");
    assertThat(open.state()).isEqualTo(OPEN);
    assertThat(open.timeInState()).isEqualTo(Duration.ofSeconds(2));
    assertThat(open.generation()).isEqualTo(1);
    assertThat(open.bytesIn()).isEqualTo(17);
    assertThat(open.bytesOut()).isEqualTo(24);
    rig.onLoop(() -> connection.wire().end(LOST));
    assertThat(connection.snapshot().failures()).isEqualTo(1);
    assertThat(connection.snapshot().lastReason()).contains(LOST);
  }

  @Test
  void aListenerThatWasRemovedHearsNothingMore() {
    FakeConnection connection = rig.register("a");
    List<StateChange> heard = new ArrayList<>();
    ConnectionListener listener = (self, change) -> heard.add(change);
    connection.addListener(listener);
    connection.addListener(listener);
    rig.front();
    assertThat(heard).hasSize(3);
    connection.removeListener(listener);
    rig.back();
    assertThat(heard).hasSize(3);
  }

  @Test
  void aListenerOfTheRegistryHearsOfEveryConnectionUntilItIsRemoved() {
    List<String> heard = new ArrayList<>();
    ConnectionListener listener =
        (connection, change) -> heard.add(connection.name() + " " + change.to());
    rig.register("before");
    rig.engine.addListener(listener);
    rig.engine.addListener(listener);
    rig.register("after");
    rig.front();
    assertThat(heard)
        .containsExactlyInAnyOrder(
            "before CONNECTING",
            "before PREPARING",
            "before OPEN",
            "after CONNECTING",
            "after PREPARING",
            "after OPEN");
    rig.engine.removeListener(listener);
    heard.clear();
    rig.back();
    assertThat(heard).isEmpty();
  }

  @Test
  void whatWaitsToBeWrittenIsCounted() {
    FakeConnection connection = rig.register("a").answer(FakeConnection.Step.SEND, Answer.LATER);
    rig.front();
    assertThat(connection.queuedBytes()).isZero();
    var unused = connection.send("1234");
    rig.run();
    assertThat(connection.queuedBytes()).isEqualTo(4 + Outgoing.OVERHEAD);
    assertThat(connection.snapshot().queuedBytes()).isEqualTo(connection.queuedBytes());
    rig.onLoop(connection.wire()::writeAll);
    assertThat(connection.queuedBytes()).isZero();
  }
}
