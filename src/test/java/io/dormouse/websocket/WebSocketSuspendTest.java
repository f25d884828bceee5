package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.Rounds;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketSuspendTest {
  private static final Duration SHORT_BUDGET = Duration.ofMillis(200);

  private final App app = new App(builder -> builder.sendQueueLimit(64 << 20));
  private final App hurried = new App(builder -> builder.suspendBudget(SHORT_BUDGET));
  private final RawServer server = new RawServer();

  @AfterEach
  void close() {
    server.close();
    app.close();
    hurried.close();
  }

  private WebSocketConnection connect(App with) {
    return with.webSocket(server.port()).register();
  }

  private void assertNothingIsOpen() {
    assertThat(OsSockets.connectedTo(server.port())).isZero();
  }

  // -------------------------------------------------------------------------------- the good peer

  @Test
  void theServerIsToldThatTheAppGoesAway() {
    connect(app);
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
    WebSocketConnection chat = connect(app);
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
    WebSocketConnection chat = connect(app);
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
    WebSocketConnection chat = connect(app);
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
    WebSocketConnection chat = connect(app);
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
    connect(app);
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
    connect(app);
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
    WebSocketConnection chat = connect(app);
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
    WebSocketConnection chat = connect(app);
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

  // --------------------------------------------------------------------------------- the bad peer

  @Test
  void aPeerThatNeverAnswersCostsTheBudgetAndNotMore() {
    settlesWithinTheBudget(
        (chat, peer) -> {
          SuspendReport report = hurried.suspend();

          assertThat(report.find(App.NAME).orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
          assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1001);
          return report;
        });
  }

  /** With a suspend after each time that it is open. */
  private void settlesWithinTheBudget(
      BiFunction<WebSocketConnection, HandPeer, SuspendReport> suspend) {
    WebSocketConnection chat = connect(hurried);
    Rounds.untilInTime(
        "settled within the budget, with nothing open",
        () -> {
          hurried.lifecycle.onForeground();
          HandPeer peer = HandPeer.accept(server);
          Await.get(chat.whenOpen());
          SuspendReport report = suspend.apply(chat, peer);
          return report.withinBudget() && report.socketsLeft() == 0;
        });
    assertNothingIsOpen();
  }

  @Test
  void aPeerThatAnswersButNeverHangsUpCostsTheBudgetAndNotMore() {
    settlesWithinTheBudget(
        (chat, peer) -> {
          hurried.lifecycle.onBackground();
          peer.read(HandPeer.CLOSE);
          peer.sayClose(1001);
          peer.awaitCut();
          return Await.get(hurried.registry.settled());
        });
  }

  @Test
  void aPeerThatDoesNotReadCostsTheBudgetAndTheReportSaysWhatIsLost() {
    settlesWithinTheBudget(
        (chat, peer) -> {
          CompletableFuture<Void> partly = chat.sendBinary(ByteBuffer.allocate(32 << 20));
          assertThat(Await.failure(chat.sendBinary(ByteBuffer.allocate(1))))
              .hasMessageContaining("refused");

          SuspendReport report = hurried.suspend();

          SuspendReport.Entry entry = report.find(App.NAME).orElseThrow();
          assertThat(entry.outcome()).isEqualTo(Outcome.ABORTED);
          assertThat(entry.unsentMessages()).isEqualTo(1);
          assertThat(entry.unsentBytes()).isEqualTo(32 << 20);
          SendFailedException failure = (SendFailedException) Await.failure(partly);
          assertThat(failure.partlyWritten()).isTrue();
          assertThat(failure.reason().kind()).isEqualTo(CloseReason.Kind.SUSPENDED);
          peer.close();
          return report;
        });
  }

  @Test
  void aBlockedCallbackDoesNotHoldUpTheSuspend() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    hurried
        .webSocket(server.port())
        .onText(
            (ws, text) -> {
              entered.countDown();
              Await.hold(release);
            })
        .register();
    HandPeer peer = HandPeer.accept(server);
    peer.text("stop here");
    Await.latch(entered);

    hurried.suspend(); // fails if the suspend does not settle
    Await.until("no socket", () -> OsSockets.connectedTo(server.port()) == 0);
    release.countDown();
    hurried.await(ConnectionState.SUSPENDED);
  }

  /** What the app has not taken stands before the server's answer to our close frame. */
  @Test
  void theAnswerToOurCloseIsReadThoughTheAppTakesNothing() {
    CountDownLatch release = new CountDownLatch(1);
    WebSocketConnection chat =
        app.webSocket(server.port()).onText((ws, text) -> Await.hold(release)).register();
    HandPeer peer = HandPeer.accept(server);
    String text = "x".repeat(64 << 10);
    int more = 512; // more than the app, we and both systems hold
    CompletableFuture<HandPeer.Frame> answered =
        CompletableFuture.supplyAsync(
            () -> {
              for (int i = 0; i < more; i++) {
                peer.text(text);
              }
              return peer.answerClose();
            });
    Await.until("reading stops", new Standstill(() -> chat.snapshot().bytesIn())::isThere);
    assertThat(answered).isNotDone();

    SuspendReport report = app.suspend();

    assertThat(report.find(App.NAME).orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(Await.get(answered).code()).isEqualTo(1001);
    release.countDown();
  }

  // ------------------------------------------------------------------------------- stop, any time

  @Test
  void stoppingPreemptsTheNameLookUpAndTheSupplier() {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    app.webSocket(server.port())
        .connectTo(
            () -> {
              asked.countDown();
              Await.hold(release);
              return java.net.URI.create(url());
            })
        .register();
    Await.latch(asked);

    assertStopsAtOnce(ConnectionState.CONNECTING, chat -> app.lifecycle.onBackground());

    release.countDown();
    Await.get(app.registry.settled());
    assertThat(server.accepted()).isZero();
  }

  @Test
  void stoppingPreemptsTheHandshake() {
    connect(app);
    HandPeer peer = HandPeer.next(server);

    assertStopsAtOnce(ConnectionState.CONNECTING, chat -> app.lifecycle.onBackground());

    peer.awaitCut();
  }

  @Test
  void stoppingPreemptsThePreparing() {
    app.webSocket(server.port())
        .prepare(App.LONG, sender -> new CompletableFuture<Void>())
        .register();
    HandPeer.accept(server);
    app.await(ConnectionState.PREPARING);

    assertStopsAtOnce(ConnectionState.PREPARING, chat -> app.lifecycle.onBackground());
  }

  @Test
  void closingPreemptsTheHandshakeAndTheBackoff() {
    WebSocketConnection chat = connect(app);
    HandPeer peer = HandPeer.next(server);
    chat.close();
    app.await(ConnectionState.CLOSED);
    peer.awaitCut();

    App other = new App();
    WebSocketConnection waiting = other.webSocket(server.port()).register();
    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: 3600").close();
    other.await(ConnectionState.WAITING);
    waiting.close(3000, "never mind");
    other.await(ConnectionState.CLOSED);
    assertThat(server.accepted()).isEqualTo(2);
    other.close();
  }

  private void assertStopsAtOnce(ConnectionState in, Consumer<WebSocketConnection> stop) {
    WebSocketConnection chat = (WebSocketConnection) app.registry.find(App.NAME).orElseThrow();
    assertThat(chat.state()).isEqualTo(in);

    stop.accept(chat);

    SuspendReport report = Await.get(app.registry.settled());
    assertNothingIsOpen();
    assertThat(report.find(App.NAME).orElseThrow().outcome()).isEqualTo(Outcome.WAS_NOT_OPEN);
    app.await(ConnectionState.SUSPENDED);
    assertThat(app.steps.states()).doesNotContain(ConnectionState.DRAINING);
  }

  @Test
  void theRegistrysEndLeavesNothingBehind() {
    connect(app);
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    hurried.close();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(app.registry::close);
    peer.answerClose();
    Await.get(closing);

    assertNothingIsOpen();
    Await.until("the threads are gone", () -> OwnThreads.names().isEmpty());
  }

  /** A number that has grown and then has been the same for a while. */
  private static final class Standstill {
    private final LongSupplier number;
    private long last;
    private int same;

    Standstill(LongSupplier number) {
      this.number = number;
    }

    boolean isThere() {
      long now = number.getAsLong();
      same = now == last && now > 0 ? same + 1 : 0;
      last = now;
      return same == 100;
    }
  }
}
