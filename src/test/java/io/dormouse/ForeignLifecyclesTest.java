package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.SynchronizedLifecycle;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.tcp.TcpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry on a lifecycle that the app wrote. */
class ForeignLifecyclesTest {
  private final List<String> threadsBefore = OwnThreads.names();
  private final SynchronizedLifecycle app = new SynchronizedLifecycle();

  @AfterEach
  void nothingStaysBehind() {
    OwnThreads.awaitNoneBesides(threadsBefore);
    assertThat(app.listeners()).isZero();
  }

  private static TcpConnection connect(ConnectionRegistry registry, TcpEchoServer server) {
    return registry.tcp("telemetry").connectTo("127.0.0.1", server.port()).register();
  }

  @Test
  void aHookMayWaitForTheRegistryWhileItHoldsTheLifecyclesLock() {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      ConnectionRegistry registry = ConnectionRegistry.builder(app).build();
      TcpConnection tcp = connect(registry, server);
      synchronized (app) {
        app.goTo(AppState.FOREGROUND);
        Await.get(tcp.whenOpen());
        app.goTo(AppState.BACKGROUND);
        assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
        assertThat(OsSockets.connectedTo(server.port())).isZero();
        registry.close();
        assertThat(tcp.state()).isEqualTo(ConnectionState.CLOSED);
      }
    }
  }

  @Test
  void anAppThatEndsWhileItHoldsTheLockLeavesNothing() {
    ConnectionRegistry registry = ConnectionRegistry.builder(app).build();
    synchronized (app) {
      app.goTo(AppState.TERMINATED);
      OwnThreads.awaitNoneBesides(threadsBefore);
    }
    assertThat(app.listeners()).isZero();
    registry.close();
  }

  @Test
  void anAppThatHadEndedBeforeLeavesNothingEither() {
    app.goTo(AppState.TERMINATED);
    ConnectionRegistry registry = ConnectionRegistry.builder(app).build();
    OwnThreads.awaitNoneBesides(threadsBefore);
    assertThat(app.listeners()).isZero();
    registry.close();
  }

  @Test
  void aRegistryThatCannotBeBuiltLeavesNoThreadAndNoListener() {
    ManualAppLifecycle other = new ManualAppLifecycle();
    AppLifecycle both = AppLifecycle.allOf(other, app).settled(Duration.ofMillis(700));
    app.refusal = new IllegalStateException("not on this thread");
    assertThatThrownBy(() -> ConnectionRegistry.builder(app).build()).isSameAs(app.refusal);
    assertThatThrownBy(() -> ConnectionRegistry.builder(both).build()).isSameAs(app.refusal);
    app.refusal = null;
    app.failure = new IllegalStateException("not yet");
    assertThatThrownBy(() -> ConnectionRegistry.builder(app).build()).isSameAs(app.failure);
    assertThatThrownBy(() -> ConnectionRegistry.builder(both).build()).isSameAs(app.failure);
    OwnThreads.awaitNoneBesides(threadsBefore);
    assertThat(app.listeners()).isZero();
    app.failure = null;
    ConnectionRegistry registry = ConnectionRegistry.builder(both).build();
    other.onForeground();
    app.goTo(AppState.FOREGROUND);
    assertThat(registry.snapshot().appState()).isEqualTo(AppState.FOREGROUND);
    registry.close();
  }

  @Test
  void closedRegistriesAreForgottenByTheLifecyclesTheyFollowed() {
    for (int i = 0; i < 20; i++) {
      AppLifecycle settled = app.settled(Duration.ofMillis(700));
      ConnectionRegistry registry =
          ConnectionRegistry.builder(AppLifecycle.anyOf(settled, app)).build();
      assertThat(app.listeners()).isPositive();
      registry.close();
      assertThat(app.listeners()).isZero();
    }
  }

  @Test
  void aLifecycleThatThrowsWhenItIsAskedIsTakenAtItsWord() {
    try (TcpEchoServer server = new TcpEchoServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(app).build()) {
      server.start();
      TcpConnection tcp = connect(registry, server);
      app.failure = new IllegalStateException("on purpose");
      app.goTo(AppState.FOREGROUND);
      Await.get(tcp.whenOpen());
      app.goTo(AppState.BACKGROUND);
      assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  /** Each thread sets the state and then tells it, so that the last call need not be the last. */
  @Test
  void aLifecycleThatTellsFromManyThreadsIsFollowedToWhereItReallyIs() {
    try (TcpEchoServer server = new TcpEchoServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(app).build()) {
      server.start();
      TcpConnection tcp = connect(registry, server);
      for (int round = 0; round < 30; round++) {
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (AppState state : List.of(AppState.FOREGROUND, AppState.BACKGROUND)) {
          for (int i = 0; i < 2; i++) {
            threads.add(
                CompletableFuture.runAsync(
                    () -> {
                      for (int j = 0; j < 20; j++) {
                        app.setSilently(state);
                        app.tell(state);
                      }
                    }));
          }
        }
        threads.forEach(Await::get);
        if (app.state() == AppState.FOREGROUND) {
          Await.get(tcp.whenOpen());
        } else {
          assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
          assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
          assertThat(OsSockets.connectedTo(server.port())).isZero();
        }
      }
    }
  }
}
