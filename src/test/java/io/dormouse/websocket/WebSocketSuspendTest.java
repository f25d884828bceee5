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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A suspend is in time, whatever the server does and whatever is under way. */
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

  private String url() {
    return App.url(server.port());
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
