package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketCallbackTest {
  private final App app = new App();
  private final RawServer server = new RawServer();
  private final List<String> texts = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  @Test
  void oneThatThrowsHurtsNeitherTheConnectionNorTheNext() {
    app.webSocket(server.port())
        .onOpen(
            ws -> {
              throw new IllegalStateException("on open");
            })
        .onText(
            (ws, text) -> {
              texts.add(text);
              if (text.equals("error")) {
                throw new AssertionError("on text");
              }
              throw new IllegalStateException("on text");
            })
        .register();
    HandPeer peer = HandPeer.accept(server);

    peer.text("one").text("error").text("three");

    Await.until("all three", () -> texts.size() == 3);
    peer.ping("still there?");
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("still there?");
  }

  @Test
  void oneThatBlocksHoldsUpNobodyElse() {
    CountDownLatch release = new CountDownLatch(1);
    int blocked = 8;
    CountDownLatch entered = new CountDownLatch(blocked);
    try (WebSocketEchoServer echo = new WebSocketEchoServer()) {
      echo.start();
      for (int i = 0; i < blocked; i++) {
        app.registry
            .webSocket("blocked " + i)
            .connectTo(App.url(echo.port()))
            .onOpen(
                ws -> {
                  var unused = ws.sendText("block");
                })
            .onText(
                (ws, text) -> {
                  entered.countDown();
                  Await.hold(release);
                })
            .register();
      }
      Await.latch(entered);
      WebSocketConnection free =
          app.webSocket(echo.port()).onText((ws, text) -> texts.add(text)).register();

      Await.get(free.whenOpen());
      Await.get(free.sendText("through"));

      Await.until("the echo", () -> texts.contains("through"));
      release.countDown();
    }
  }

  @Test
  void callbacksNeverOverlapAndRunOnTheAppsExecutor() {
    ExecutorService executor =
        Executors.newFixedThreadPool(4, task -> new Thread(task, "the app's own"));
    AtomicInteger inside = new AtomicInteger();
    try (App other = new App(builder -> builder.callbackExecutor(executor))) {
      other
          .webSocket(server.port())
          .onText(
              (ws, text) -> {
                boolean alone = inside.incrementAndGet() == 1;
                boolean mine = Thread.currentThread().getName().equals("the app's own");
                texts.add(alone && mine ? text : "wrong: " + text);
                inside.decrementAndGet();
              })
          .register();
      HandPeer peer = HandPeer.accept(server);
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        peer.text("text " + i);
        expected.add("text " + i);
      }
      Await.until("all", () -> texts.size() == 1_000);
      assertThat(texts).containsExactlyElementsOf(expected);
      peer.close();
    } finally {
      executor.shutdown();
    }
  }

  @Test
  void oneMayCloseItsConnection() {
    CompletableFuture<CompletableFuture<Void>> lastSend = new CompletableFuture<>();
    app.webSocket(server.port())
        .onText(
            (ws, text) -> {
              texts.add(text);
              lastSend.complete(ws.sendText("bye"));
              ws.close(4000, "enough");
              ws.close();
            })
        .register();
    HandPeer peer = HandPeer.accept(server);

    peer.text("go");

    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("bye");
    assertThat(peer.answerClose().code()).isEqualTo(4000);
    app.await(ConnectionState.CLOSED);
    Await.get(Await.get(lastSend));
  }

  @Test
  void oneMayCloseTheRegistry() {
    CountDownLatch returned = new CountDownLatch(1);
    app.webSocket(server.port())
        .onText(
            (ws, text) -> {
              app.registry.close();
              returned.countDown();
            })
        .register();
    HandPeer peer = HandPeer.accept(server);

    peer.text("go");

    assertThat(peer.answerClose().code()).isEqualTo(1000);
    Await.latch(returned);
    app.await(ConnectionState.CLOSED);
    Await.until("no socket", () -> OsSockets.connectedTo(server.port()) == 0);
    Await.until("no thread", () -> OwnThreads.names().isEmpty());
  }

  @Test
  void onOpenIsCalledOncePerSocket() {
    AtomicInteger opened = new AtomicInteger();
    app.webSocket(server.port()).onOpen(ws -> opened.incrementAndGet()).register();
    for (int i = 1; i <= 3; i++) {
      HandPeer peer = HandPeer.accept(server);
      app.steps.await(ConnectionState.OPEN, i);
      int sockets = i; // of a socket that is gone before its turn it would not be told
      Await.until("told", () -> opened.get() == sockets);
      peer.close();
      app.steps.await(ConnectionState.WAITING, i);
    }
    assertThat(opened).hasValue(3);
  }

  @Test
  void nothingIsCalledAfterClosedWasDelivered() {
    WebSocketConnection chat =
        app.webSocket(server.port()).onText((ws, text) -> texts.add(text)).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    chat.close();
    peer.read(HandPeer.CLOSE);
    peer.write(HandPeer.frame(HandPeer.TEXT, "in time"), HandPeer.closeFrame(1000));
    peer.write(HandPeer.frame(HandPeer.TEXT, "too late"));
    peer.readEnd();
    peer.close();
    app.await(ConnectionState.CLOSED);
    assertThat(texts).containsExactly("in time");
  }
}
