package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Received bytes that nobody takes are bounded; what was received is heard before the end is. */
class ReceivingTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private FakeConnection openWithoutCallbacks() {
    FakeConnection connection = rig.register("a");
    rig.front();
    return connection;
  }

  /** Receives on the loop, without letting the app's callbacks run. */
  private boolean receive(FakeConnection connection, int bytes) {
    List<Boolean> goesOn = new ArrayList<>();
    rig.loop.execute(() -> goesOn.add(connection.wire().receive("x".repeat(bytes))));
    rig.loop.run();
    return goesOn.get(0);
  }

  @Test
  void aSlowAppStopsTheReadingAndACaughtUpOneResumesIt() {
    FakeConnection connection = openWithoutCallbacks();
    assertThat(receive(connection, Rig.UNREAD - Outgoing.OVERHEAD - 1)).isTrue();
    assertThat(receive(connection, 1)).as("the bound is reached").isFalse();
    assertThat(connection.wire().resumedReading).isZero();
    rig.run();
    assertThat(connection.wire().resumedReading).isEqualTo(1);
    assertThat(connection.heard).hasSize(2);
    assertThat(receive(connection, 1)).isTrue();
    rig.run();
    assertThat(connection.wire().resumedReading).isEqualTo(1);
  }

  @Test
  void theReadingResumesWhenHalfIsTaken() {
    FakeConnection connection = openWithoutCallbacks();
    CompletableFuture<Void> first = new CompletableFuture<>();
    rig.loop.execute(
        () -> {
          assertThat(connection.wire().receive("x".repeat(4_000))).isTrue();
          assertThat(connection.wire().receive("y".repeat(7_000))).isFalse();
          connection
              .wire()
              .generation
              .deliver(0, () -> first.complete(null)); // after 11,000 bytes are taken
        });
    rig.loop.run();
    rig.run();
    assertThat(first).isCompleted();
    assertThat(connection.wire().resumedReading).isEqualTo(1);
  }

  @Test
  void anAppThatNeverCatchesUpHoldsAtMostTheBoundAndOneMore() {
    FakeConnection connection = openWithoutCallbacks();
    int taken = 0;
    while (receive(connection, 7)) {
      taken += 7 + Outgoing.OVERHEAD;
    }
    assertThat(taken).isLessThan(Rig.UNREAD);
    rig.run();
  }

  @Test
  void aNewGenerationIsNotHeldUpByWhatTheOldOneStopped() {
    FakeConnection connection = openWithoutCallbacks();
    assertThat(receive(connection, Rig.UNREAD)).isFalse();
    rig.app.back();
    rig.loop.run();
    rig.app.front();
    rig.loop.run();
    assertThat(connection.wires()).hasSize(2);
    assertThat(receive(connection, 1)).as("the app is still behind").isFalse();
    rig.run();
    assertThat(connection.wires().get(0).resumedReading).isZero();
    assertThat(connection.wire().resumedReading).isEqualTo(1);
    assertThat(receive(connection, 1)).isTrue();
    rig.run();
  }

  @Test
  void whatWasDeliveredBeforeTheEndIsHeardBeforeTheEnd() {
    List<String> order = new ArrayList<>();
    FakeConnection connection = rig.prepared("a");
    connection.addListener((self, change) -> order.add(change.to().name()));
    rig.register(connection);
    rig.front();
    rig.onLoop(
        () -> {
          connection.wire().generation.deliver(1, () -> order.add("data"));
          connection.wire().end(CloseReason.of(Kind.PEER_CLOSED));
        });
    assertThat(order).containsExactly("CONNECTING", "PREPARING", "OPEN", "data", "WAITING");
  }

  @Test
  void nothingIsHeardAfterClosed() {
    List<String> order = new ArrayList<>();
    FakeConnection connection = rig.prepared("a");
    connection.addListener((self, change) -> order.add(change.to().name()));
    rig.register(connection);
    rig.front();
    Generation generation = connection.wire().generation;
    connection.close();
    rig.loop.run();
    rig.loop.execute(() -> generation.deliver(1, () -> order.add("data")));
    rig.run();
    assertThat(order).endsWith("DRAINING", "CLOSED");
  }
}
