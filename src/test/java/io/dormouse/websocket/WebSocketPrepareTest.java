package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketPrepareTest {
  private final App app = new App();
  private final RawServer server = new RawServer();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  private WebSocketBuilder chat() {
    return app.webSocket(server.port());
  }

  @Test
  void theOpeningGoesFirstAndOthersWait() {
    CompletableFuture<String> welcome = new CompletableFuture<>();
    WebSocketConnection chat =
        chat()
            .prepare(
                App.LONG,
                sender -> {
                  var first = sender.sendText("sign in");
                  var second = sender.sendBinary(ByteBuffer.wrap(new byte[] {1}));
                  var third = sender.sendPing(ByteBuffer.wrap(new byte[] {2}));
                  return CompletableFuture.allOf(first, second, third, welcome);
                })
            .onText((ws, text) -> welcome.complete(text))
            .onOpen(
                ws -> {
                  var unused = ws.sendText("hello");
                })
            .register();
    HandPeer peer = HandPeer.accept(server);

    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("sign in");
    assertThat(peer.read(HandPeer.BINARY).payload()).containsExactly(1);
    assertThat(peer.read(HandPeer.PING).payload()).containsExactly(2);
    assertThat(chat.state()).isEqualTo(ConnectionState.PREPARING);
    NotOpenException refused = (NotOpenException) Await.failure(chat.sendText("too early"));
    assertThat(refused.state()).isEqualTo(ConnectionState.PREPARING);
    peer.text("welcome"); // the answer comes through the ordinary callback

    Await.get(chat.whenOpen());
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("hello");
  }

  @Test
  void itSignsInAwaitsTheWelcomeSubscribesAndLosesNothingThatComesMeanwhile() {
    CompletableFuture<String> welcome = new CompletableFuture<>();
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    chat()
        .prepare(
            App.LONG,
            sender ->
                sender
                    .sendText("sign in")
                    .thenCompose(sent -> welcome)
                    .thenCompose(text -> sender.sendText("subscribe")))
        .onText(
            (ws, text) -> {
              events.add(text);
              if (text.equals("welcome")) {
                welcome.complete(text);
              }
            })
        .onOpen(ws -> events.add("open"))
        .register();
    HandPeer peer = HandPeer.accept(server);

    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("sign in");
    peer.text("news");
    peer.text("welcome");
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("subscribe");
    assertThat(Await.next(events)).isEqualTo("news");
    assertThat(Await.next(events)).isEqualTo("welcome");
    assertThat(Await.next(events)).isEqualTo("open");
  }

  @Test
  void theOpeningRunsOnEachNewSocketWithASenderOfItsOwn() {
    BlockingQueue<WebSocketSender> senders = new LinkedBlockingQueue<>();
    chat()
        .prepare(
            App.LONG,
            sender -> {
              senders.add(sender);
              return sender.sendText("sign in");
            })
        .register();
    for (int i = 1; i <= 3; i++) {
      HandPeer peer = HandPeer.accept(server);
      assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("sign in");
      app.steps.await(ConnectionState.OPEN, i);
      peer.sayClose(1001);
      peer.read(HandPeer.CLOSE);
      peer.close();
    }
    HandPeer last = HandPeer.accept(server);
    assertThat(last.read(HandPeer.TEXT).text()).isEqualTo("sign in");
    app.steps.await(ConnectionState.OPEN, 4);

    assertThat(senders).hasSize(4);
    for (int i = 0; i < 3; i++) {
      assertThat(Await.failure(senders.remove().sendText("from another life")))
          .isInstanceOf(NotOpenException.class);
    }
    Await.get(senders.remove().sendText("from this one"));
    assertThat(last.read(HandPeer.TEXT).text()).isEqualTo("from this one");
  }

  @Test
  void anOpeningThatFailsInWhateverWayIsAFailedAttempt() {
    AtomicInteger attempt = new AtomicInteger();
    IllegalStateException denied = new IllegalStateException("denied");
    chat()
        .prepare(
            App.LONG,
            sender ->
                switch (attempt.incrementAndGet()) {
                  case 1 -> throw denied;
                  case 2 -> null;
                  case 4 -> throw new NoClassDefFoundError("com/example/SignIn");
                  case 3 -> {
                    CompletableFuture<Void> failed = new CompletableFuture<>();
                    failed.completeExceptionally(denied);
                    yield failed;
                  }
                  default -> sender.sendText("fine");
                })
        .register();

    for (int i = 1; i <= 4; i++) {
      HandPeer.accept(server);
      CloseReason reason = app.steps.await(ConnectionState.WAITING, i).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(Kind.PREPARE_FAILED);
      assertThat(reason.cause()).isPresent();
    }
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @Test
  void anOpeningThatTakesTooLongIsAFailedAttempt() {
    AtomicReference<CompletableFuture<Void>> stage = new AtomicReference<>();
    chat()
        .prepare(
            Duration.ofMillis(50), sender -> stage.updateAndGet(old -> new CompletableFuture<>()))
        .register();
    HandPeer.accept(server);

    CloseReason reason = app.reasonOf(ConnectionState.WAITING);

    assertThat(reason).hasToString("PREPARE_FAILED (the preparation took too long)");
    CompletableFuture<Void> late = stage.get();
    HandPeer.accept(server);
    app.steps.await(ConnectionState.PREPARING, 2);
    late.complete(null); // belongs to another life
    assertThat(app.steps.states()).doesNotContain(ConnectionState.OPEN);
  }

  @Test
  void aPeerThatClosesDuringTheOpeningEndsTheAttempt() {
    CompletableFuture<CompletableFuture<Void>> send = new CompletableFuture<>();
    chat()
        .prepare(
            App.LONG,
            sender -> {
              send.complete(sender.sendText("sign in"));
              return new CompletableFuture<Void>();
            })
        .register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(Await.get(send));

    peer.sayClose(3000);
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("sign in");
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(3000);
    peer.close();

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);
    assertThat(reason).hasToString("PEER_CLOSED 3000");
  }
}
