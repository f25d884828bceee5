package io.dormouse.websocket;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.StateChange;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.StateLog;
import java.time.Duration;
import java.util.function.Consumer;

/** An app in the foreground with one WebSocket, whose steps it remembers. */
final class App implements AutoCloseable {
  static final String NAME = "chat";

  /** So long that a test which waits for it has failed. */
  static final Duration LONG = Duration.ofMinutes(5);

  final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  final ConnectionRegistry registry;
  final StateLog steps = new StateLog();

  App() {
    this(builder -> {});
  }

  App(Consumer<ConnectionRegistry.Builder> settings) {
    ConnectionRegistry.Builder builder = ConnectionRegistry.builder(lifecycle);
    builder.retryPolicy(RetryPolicy.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20)));
    settings.accept(builder);
    registry = builder.build();
    lifecycle.onForeground();
  }

  static String url(int port) {
    return "ws://127.0.0.1:" + port + "/";
  }

  /** Begins the WebSocket; it sends no pings, so that tests see their own frames only. */
  WebSocketBuilder webSocket(int port) {
    return registry.webSocket(NAME).connectTo(url(port)).noPings().onStateChange(steps);
  }

  SuspendReport suspend() {
    lifecycle.onBackground();
    return Await.get(registry.settled());
  }

  SuspendReport.Entry suspendEntry() {
    return suspend().find(NAME).orElseThrow();
  }

  StateChange await(ConnectionState state) {
    return steps.await(state);
  }

  /** Waits for the connection to be there, and returns why its generation ended. */
  CloseReason reasonOf(ConnectionState state) {
    return steps.await(state).reason().orElseThrow();
  }

  /** Returns why the first generation ended that was open or was to be. */
  CloseReason firstEnd() {
    Await.until("a generation ended", () -> findEnd() != null);
    return findEnd();
  }

  private CloseReason findEnd() {
    for (StateChange change : steps.changes()) {
      if (change.from().mayHoldSocket()
          && !change.to().mayHoldSocket()
          && change.reason().isPresent()) {
        return change.reason().get();
      }
    }
    return null;
  }

  @Override
  public void close() {
    registry.close();
  }
}
