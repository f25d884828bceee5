package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the system took while the app was away is told so, and nothing else is. */
class KilledInTheBackgroundTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

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
}
