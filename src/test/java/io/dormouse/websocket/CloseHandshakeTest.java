package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The closing handshake with a server that takes part in it, whoever or whatever ends the
 * connection.
 */
class CloseHandshakeTest {
  private final App app = new App(builder -> builder.sendQueueLimit(64 << 20));
  private final RawServer server = new RawServer();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  private WebSocketConnection connect() {
    return app.webSocket(server.port()).register();
  }

  private void assertNothingIsOpen() {
    assertThat(OsSockets.connectedTo(server.port())).isZero();
  }

  @Test
  void theServerIsToldThatTheAppGoesAway() {
    connect();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    app.lifecycle.onBackground();
    HandPeer.Frame closeFrame = peer.answerClose();

    SuspendReport report = Await.get(app.registry.settled());
    assertNothingIsOpen();
    assertThat(closeFrame.code()).isEqualTo(1001);
    assertThat(report.socketsLeft()).isZero();
    assertThat(report.withinBudget()).isTrue();
    assertThat(report.find(App.NAME).orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(app.steps.states())
        .endsWith(ConnectionState.OPEN, ConnectionState.DRAINING, ConnectionState.SUSPENDED);
    assertThat(app.reasonOf(ConnectionState.SUSPENDED).kind())
        .isEqualTo(CloseReason.Kind.SUSPENDED);
    app.registry.assertQuiescent();
  }

  @Test
  void theCloseHandshakeWithARealServerSucceedsAgainAndAgain() {
    try (WebSocketEchoServer echo = new WebSocketEchoServer()) {
      echo.start();
      WebSocketConnection chat = app.webSocket(echo.port()).register();
      for (int i = 1; i <= 20; i++) {
        Await.get(chat.whenOpen());
        Await.get(chat.sendText("hello"));

        assertThat(app.suspendEntry().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);

        assertThat(OsSockets.connectedTo(echo.port())).isZero();
        app.lifecycle.onForeground();
        app.steps.await(ConnectionState.OPEN, i + 1);
      }
      assertThat(chat.snapshot().generation()).isEqualTo(21);
    }
  }

  @Test
  void closingSaysNormalClosure() {
    WebSocketConnection chat = connect();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    chat.close();

    HandPeer.Frame closeFrame = peer.answerClose();
    assertThat(closeFrame.code()).isEqualTo(1000);
    assertThat(app.reasonOf(ConnectionState.CLOSED).kind())
        .isEqualTo(CloseReason.Kind.CLOSED_BY_APP);
    assertThat(app.registry.find(App.NAME)).isEmpty();
  }

  @Test
  void theAppsOwnCodeAndReasonAreSent() {
    WebSocketConnection chat = connect();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    chat.close(4321, "grüße");

    HandPeer.Frame closeFrame = peer.answerClose();
    assertThat(closeFrame.code()).isEqualTo(4321);
    assertThat(closeFrame.reason()).isEqualTo("grüße");
    app.await(ConnectionState.CLOSED);
  }

  @Test
  void aReasonOf123BytesAndAnEmptyOneAreSentToo() {
    for (String reason : List.of("x".repeat(123), "")) {
      WebSocketConnection chat = app.registry.webSocket(App.NAME).connectTo(url()).register();
      HandPeer peer = HandPeer.accept(server);
      Await.get(chat.whenOpen());
      chat.close(1007, reason);
      HandPeer.Frame closeFrame = peer.answerClose();
      assertThat(closeFrame.code()).isEqualTo(1007);
      assertThat(closeFrame.reason()).isEqualTo(reason);
    }
  }

  private String url() {
    return App.url(server.port());
  }

  @Test
  void pausingAndTheRegistrysEndMakeACloseHandshakeToo() {
    WebSocketConnection chat = connect();
    HandPeer first = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    chat.pause();
    assertThat(first.answerClose().code()).isEqualTo(1001);
    app.await(ConnectionState.SUSPENDED);
    chat.resume();
    HandPeer second = HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);

    CompletableFuture<Void> closing = CompletableFuture.runAsync(app.registry::close);
    assertThat(second.answerClose().code()).isEqualTo(1000);
    Await.get(closing);
    assertNothingIsOpen();
  }

  @Test
  void whatWasAcceptedArrivesBeforeTheCloseFrame() {
    WebSocketConnection chat = connect();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sends.add(chat.sendBinary(ByteBuffer.allocate(30_000).putInt(0, i))); // 6 MB
    }

    app.lifecycle.onBackground();

    for (int i = 0; i < 200; i++) {
      assertThat(ByteBuffer.wrap(peer.read(HandPeer.BINARY).payload()).getInt()).isEqualTo(i);
    }
    assertThat(peer.answerClose().code()).isEqualTo(1001);
    sends.forEach(Await::get);
    SuspendReport.Entry entry = Await.get(app.registry.settled()).find(App.NAME).orElseThrow();
    assertThat(entry.outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(entry.unsentMessages()).isZero();
  }

  @Test
  void aPeerThatHangsUpInsteadOfAnsweringIsGoneAtOnce() {
    connect();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    app.lifecycle.onBackground();
    peer.read(HandPeer.CLOSE);
    peer.close();

    assertThat(Await.get(app.registry.settled()).withinBudget()).isTrue();
    assertNothingIsOpen();
  }

  @Test
  void aPeerThatClosesAtTheSameTimeGetsOneCloseFrame() {
    connect();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    app.lifecycle.onBackground();
    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1001);
    peer.sayClose(4000); // its own, which crossed ours

    peer.readEnd(); // no second close frame
    peer.close();
    assertThat(Await.get(app.registry.settled()).count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
  }

  /** RFC 6455, section 5.5.1: nothing comes after a close frame, so nothing there is read. */
  @Test
  void framesBehindThePeersCloseFrameAreIgnored() {
    List<String> texts = new CopyOnWriteArrayList<>();
    app.webSocket(server.port()).onText((ws, text) -> texts.add(text)).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    app.lifecycle.onBackground();
    peer.read(HandPeer.CLOSE);
    peer.write(
        HandPeer.closeFrame(1001),
        HandPeer.frame(HandPeer.PING, "p"),
        HandPeer.frame(HandPeer.TEXT, "late"),
        HandPeer.closeFrame(1001));

    peer.readEnd();
    peer.close();
    assertThat(Await.get(app.registry.settled()).count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
  }

  @Test
  void whatArrivesWhileClosingIsDeliveredBeforeTheStateGoesOn() {
    List<String> events = new CopyOnWriteArrayList<>();
    WebSocketConnection chat =
        app.webSocket(server.port())
            .onText((ws, text) -> events.add(text))
            .onStateChange((connection, change) -> events.add(change.to().name()))
            .register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    app.lifecycle.onBackground();
    peer.read(HandPeer.CLOSE);
    peer.text("the last word");
    peer.ping("and a ping, which is not answered any more");
    peer.sayClose(1001);
    peer.readEnd();
    peer.close();

    Await.get(app.registry.settled());
    // Not the app's own listener, which is told before this one.
    Await.until("the last event", () -> events.contains("SUSPENDED"));
    assertThat(events)
        .containsExactly(
            "CONNECTING", "PREPARING", "OPEN", "DRAINING", "the last word", "SUSPENDED");
  }

  @Test
  void comingBackDuringTheCloseHandshakeConnectsAnew() {
    WebSocketConnection chat = connect();
    HandPeer first = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    app.lifecycle.onBackground();
    first.read(HandPeer.CLOSE);
    app.lifecycle.onForeground();
    assertThat(server.accepted()).isEqualTo(1);
    first.sayClose(1001).close();

    HandPeer second = HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);
    second.text("hello");
    assertThat(chat.snapshot().generation()).isEqualTo(2);
  }

  @Test
  void comingBackBeforeTheCloseHandshakeKeepsTheConnection() {
    WebSocketConnection chat = connect();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    CompletableFuture<Void> upload = chat.sendBinary(ByteBuffer.allocate(32 << 20));

    app.lifecycle.onBackground();
    app.await(ConnectionState.DRAINING); // and stays there, since the peer does not read
    assertThat(Await.failure(chat.sendText("gated"))).hasMessageContaining("DRAINING");
    app.lifecycle.onForeground();
    app.steps.await(ConnectionState.OPEN, 2);
    CompletableFuture<Void> after = chat.sendText("still here");

    assertThat(peer.read(HandPeer.BINARY).payload()).hasSize(32 << 20);
    assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("still here");
    Await.get(upload);
    Await.get(after);
    assertThat(Await.get(app.registry.settled()).count(Outcome.STAYED_OPEN)).isEqualTo(1);
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }
}
