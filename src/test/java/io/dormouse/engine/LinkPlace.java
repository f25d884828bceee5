package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import java.util.concurrent.CompletableFuture;

/** Where a connection may be, and how a test gets it there. */
enum LinkPlace {
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

  LinkPlace(ConnectionState state) {
    this.state = state;
  }

  boolean isInTheBackground() {
    return this == ASLEEP || this == FLUSHING || this == CLOSING;
  }

  /** Whether the app has closed it. */
  boolean isGone() {
    return this == CLOSED || this == FLUSHING_TO_THE_END || this == CLOSING_FOR_GOOD;
  }

  /** Registers a connection that does nothing by itself, and gets it there. */
  FakeConnection bring(Rig rig) {
    FakeConnection connection =
        rig.prepared("a")
            .answer(Step.CONNECT, Answer.LATER)
            .answer(Step.FLUSH, Answer.LATER)
            .answer(Step.SOFT_CLOSE, Answer.LATER);
    switch (this) {
      case ASLEEP -> rig.register(connection);
      case QUEUED -> {
        rig.front();
        rig.registerSlow("in its way");
        rig.register(connection);
      }
      case IN_BACKOFF -> {
        rig.front();
        rig.register(connection);
        rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.NETWORK_LOST)));
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
        if (this == PREPARING) {
          connection.opening(generation -> new CompletableFuture<>());
        }
        rig.register(connection);
        if (this != CONNECTING) {
          rig.onLoop(() -> connection.wire().up());
        }
        leave(rig, connection);
      }
    }
    assertThat(connection.state()).isEqualTo(state);
    return connection;
  }

  private void leave(Rig rig, FakeConnection connection) {
    switch (this) {
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
}
