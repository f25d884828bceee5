package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WebSocketFlapTest {
  /**
   * Serves one client after the other, each until its end: a client that made a second connection
   * beside the first would wait for ever.
   */
  private static void serveOneByOne(RawServer server, AtomicInteger hellos) {
    try {
      while (true) {
        try (HandPeer peer = HandPeer.accept(server)) {
          HandPeer.Frame frame = peer.read();
          while (frame.opcode() != HandPeer.CLOSE) {
            hellos.incrementAndGet();
            frame = peer.read();
          }
          peer.write(HandPeer.frame(true, HandPeer.CLOSE, frame.payload()));
          peer.readEnd();
        } catch (UncheckedIOException e) {
          // It was cut off somewhere, as it may be.
        }
      }
    } catch (AssertionError e) {
      // The test is over.
    }
  }

  @Test
  void fiveHundredFlapsLeaveNothingBehindAndNeverMakeTwoSockets() {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger hellos = new AtomicInteger();
    RawServer server = new RawServer();
    Thread serving = new Thread(() -> serveOneByOne(server, hellos));
    serving.setDaemon(true);
    serving.start();
    CompletableFuture<Void> counting =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                int now = (int) OsSockets.connectedTo(server.port());
                most.accumulateAndGet(now, Math::max);
              }
            });
    App app = new App();
    WebSocketConnection chat =
        app.webSocket(server.port())
            .onOpen(
                ws -> {
                  var unused = ws.sendText("hello");
                })
            .register();

    for (int i = 0; i < 500; i++) {
      app.lifecycle.onBackground();
      if (i % 2 == 0) {
        assertThat(Await.get(app.registry.settled()).socketsLeft()).isZero();
      }
      app.lifecycle.onForeground();
      if (i % 3 == 0) {
        Await.get(chat.whenOpen());
      } else if (i % 11 == 0) {
        Await.until("under way", () -> chat.state() != ConnectionState.SUSPENDED);
      }
    }
    Await.get(chat.whenOpen());
    Await.until("a hello of the last socket", () -> hellos.get() > 0);
    Await.until("one socket", () -> OsSockets.connectedTo(server.port()) == 1);
    app.suspend();

    assertThat(OsSockets.connectedTo(server.port())).isZero();
    assertThat(app.steps.changes()).isNotEmpty();
    app.close();
    over.set(true);
    Await.until("the threads are gone", () -> OwnThreads.names().isEmpty());
    Await.get(counting);
    assertThat(most.get()).isLessThan(2);
    assertThat(chat.snapshot().generation()).isGreaterThan(100);
    server.close();
  }
}
