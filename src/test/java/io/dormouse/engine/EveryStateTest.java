package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state answers every word of the app: background and foreground, pause, close, retry. */
class EveryStateTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** One connects at a time, so that one can be made to queue. */
  private static Rig narrow() {
    return new Rig(1, () -> 0.5, new ManualLoop());
  }

  /** Scarlet goes on retrying after stop, since its Connecting ignores stop. */
  @ParameterizedTest
  @EnumSource(LinkPlace.class)
  void theBackgroundEndsEveryStateAtOnceOrWithinItsBudget(LinkPlace place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = place.bring(rig);
      boolean hadLeft = place.state == DRAINING || place == LinkPlace.OPEN;
      ConnectionState end = connection.wantedNow() || !place.isGone() ? SUSPENDED : CLOSED;
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

  @ParameterizedTest
  @EnumSource(LinkPlace.class)
  void aPauseIsLegalInEveryStateAndTakenBackByResume(LinkPlace place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = place.bring(rig);
      connection.pause();
      connection.pause();
      rig.front();
      rig.advance(Rig.HARD_CLOSE);
      rig.advance(Duration.ofHours(1));
      assertThat(connection.state()).isEqualTo(place.isGone() ? CLOSED : SUSPENDED);
      assertThat(connection.wantedNow()).isFalse();
      connection.answer(Step.CONNECT, Answer.AT_ONCE).opening(null).resume();
      connection.resume();
      rig.advance(Duration.ofSeconds(1)); // whoever is in its way gives its place up by then
      assertThat(connection.state()).isEqualTo(place.isGone() ? CLOSED : OPEN);
    }
  }

  @Test
  void aPauseDuringAGracefulCloseThatWasToBeFollowedByAReturnCallsTheReturnOff() {
    FakeConnection connection = LinkPlace.CLOSING_THEN_BACK.bring(rig);
    connection.pause();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  /** In hivemq disconnect() throws while it reconnects. */
  @ParameterizedTest
  @EnumSource(LinkPlace.class)
  void aCloseIsLegalAndTheSameTwiceInEveryState(LinkPlace place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = place.bring(rig);
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
  @EnumSource(LinkPlace.class)
  void retryNowEndsABackoffAndAFailureAndDoesNothingElse(LinkPlace place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = place.bring(rig);
      int attempts = connection.wires().size();
      connection.retryNow();
      rig.run();
      boolean tries = place == LinkPlace.IN_BACKOFF || place == LinkPlace.FAILED;
      assertThat(connection.wires()).hasSize(tries ? attempts + 1 : attempts);
      assertThat(connection.state()).isEqualTo(tries ? CONNECTING : place.state);
      if (tries) {
        assertThat(connection.snapshot().failures()).isZero();
      }
    }
  }

  /** Nats.java is CLOSED for good after two minutes offline. */
  @ParameterizedTest
  @EnumSource(LinkPlace.class)
  void theForegroundOpensWhatWasNotClosedFromEveryState(LinkPlace place) {
    try (Rig rig = narrow()) {
      FakeConnection connection = place.bring(rig);
      connection.answer(Step.CONNECT, Answer.AT_ONCE).opening(null);
      if (!place.isInTheBackground()) {
        rig.back();
      }
      rig.front();
      rig.advance(Rig.HARD_CLOSE);
      assertThat(connection.state()).isEqualTo(place.isGone() ? CLOSED : OPEN);
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
    FakeConnection connection = LinkPlace.FLUSHING.bring(rig);
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
    FakeConnection connection = LinkPlace.CLOSING.bring(rig);
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
    FakeConnection connection = LinkPlace.CLOSING.bring(rig);
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
    FakeConnection connection = LinkPlace.CLOSING_THEN_BACK.bring(rig);
    rig.back();
    rig.onLoop(() -> connection.wire().finishGracefulClose());
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(connection.wires()).hasSize(1);
    rig.assertIdle();
  }

  @Test
  void thereAndBackTwiceDuringOneDrainEndsWhereTheAppIs() {
    FakeConnection connection = LinkPlace.FLUSHING.bring(rig);
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
}
