package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.FAILED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.FakeConnection.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the app sees of a connection: when it is open, how it is, and its steps. */
class HandleTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

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
