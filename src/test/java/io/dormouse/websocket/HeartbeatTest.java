package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  private static final Duration BEAT = Duration.ofMillis(20);

  private final App app = new App(builder -> builder.receiveBufferLimit(1_024));
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
  void aMutePeerIsGivenUpAndReplaced() {
    chat().pingInterval(BEAT).pingTimeout(Duration.ofMillis(50)).register();
    HandPeer mute = HandPeer.accept(server);

    assertThat(mute.read(HandPeer.PING).payload()).isEmpty();

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.HEARTBEAT_TIMEOUT);
    mute.awaitCut(); // no close frame, since nobody is there
    HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);
  }

  @Test
  void aLivingPeerStaysForManyBeats() {
    AtomicInteger pongs = new AtomicInteger();
    WebSocketConnection chat =
        chat()
            .pingInterval(BEAT)
            .pingTimeout(Await.LIMIT)
            .onPong((ws, data) -> pongs.incrementAndGet())
            .register();
    HandPeer peer = HandPeer.accept(server);

    for (int i = 0; i < 10; i++) {
      peer.write(HandPeer.frame(true, HandPeer.PONG, peer.read(HandPeer.PING).payload()));
    }
    peer.read(HandPeer.PING);

    assertThat(chat.snapshot().generation()).isEqualTo(1);
    assertThat(pongs).hasValue(0); // the heartbeat keeps its answers to itself
  }

  @Test
  void whateverComesShowsThatThePeerIsThere() {
    WebSocketConnection chat =
        chat().pingInterval(BEAT).pingTimeout(Duration.ofMillis(500)).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    // A message that never ends, and no answer to the pings.
    peer.write(HandPeer.head(true, HandPeer.BINARY, 1_000));
    for (int i = 0; i < 4; i++) {
      peer.read(HandPeer.PING);
      peer.write(new byte[1]);
    }
    peer.read(HandPeer.PING);

    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  /** The pings wait behind what is sent, so the peer can't answer them in time. */
  @Test
  void aPeerThatReadsSlowlyIsNotTakenForADeadOne() {
    WebSocketConnection chat =
        chat().pingInterval(BEAT).pingTimeout(Duration.ofSeconds(1)).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    int pieces = 75;
    int piece = 640 << 10;
    CompletableFuture<Void> upload = chat.sendBinary(ByteBuffer.allocate(pieces * piece));

    long began = System.nanoTime();
    peer.readToHead(HandPeer.BINARY); // the first ping may be ahead of it
    for (int i = 1; i <= pieces; i++) {
      peer.skip(piece);
      long next = began + i * Duration.ofMillis(20).toNanos();
      Await.until("the next piece is due", () -> System.nanoTime() - next > 0);
    }

    Await.get(upload);
    assertThat(peer.read(HandPeer.PING).payload()).isEmpty();
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void withoutAHeartbeatNoPingsAreSent() {
    WebSocketConnection chat = chat().pingInterval(BEAT).pingTimeout(BEAT).noPings().register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());
    long opened = System.nanoTime();
    Await.until("ten beats", () -> System.nanoTime() - opened > 10 * BEAT.toNanos());

    Await.get(chat.sendText("first"));

    assertThat(peer.read().text()).isEqualTo("first");
  }

  @Test
  void slowCallbacksAreNotTakenForADeadPeer() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger received = new AtomicInteger();
    WebSocketConnection chat =
        chat()
            .pingInterval(BEAT)
            .pingTimeout(Duration.ofMillis(50))
            .onText(
                (ws, text) -> {
                  Await.hold(release);
                  received.incrementAndGet();
                })
            .register();
    HandPeer peer = HandPeer.accept(server);
    peer.text("a".repeat(2_000)); // above the unread limit, so reading stops

    for (int i = 0; i < 10; i++) {
      // Unread answers; without them the pings go on just the same.
      peer.write(HandPeer.frame(true, HandPeer.PONG, peer.read(HandPeer.PING).payload()));
    }
    assertThat(chat.snapshot().generation()).isEqualTo(1);
    assertThat(received).hasValue(0);
    release.countDown();
    Await.until("the callback returned", () -> received.get() == 1);
    assertThat(peer.read(HandPeer.PING).payload()).isEmpty();
  }

  @Test
  void aServerThatWeDoNotReadFromIsNotTakenForADeadOne() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger received = new AtomicInteger();
    WebSocketConnection chat =
        chat()
            .pingInterval(BEAT)
            .pingTimeout(Duration.ofMillis(50))
            .onText(
                (ws, text) -> {
                  Await.latch(release);
                  received.incrementAndGet();
                })
            .register();
    HandPeer peer = HandPeer.accept(server);
    peer.text("a".repeat(2_000)); // above the unread limit
    peer.text("b".repeat(300_000)); // and what is read besides

    for (int i = 0; i < 10; i++) {
      peer.read(HandPeer.PING);
    }

    assertThat(chat.snapshot().generation()).isEqualTo(1);
    release.countDown();
    Await.until("all is read", () -> received.get() == 2);
  }

  @Test
  void theHeartbeatEndsWithItsConnection() {
    chat().pingInterval(BEAT).pingTimeout(Duration.ofMillis(50)).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    app.lifecycle.onBackground();
    HandPeer.Frame frame = peer.read();
    while (frame.opcode() == HandPeer.PING) {
      frame = peer.read();
    }
    assertThat(frame.opcode()).isEqualTo(HandPeer.CLOSE);
    long closing = System.nanoTime();
    Await.until("ten beats", () -> System.nanoTime() - closing > 10 * BEAT.toNanos());
    peer.sayClose(1001);
    peer.readEnd(); // no pings behind the close frame
    peer.close();
    assertThat(Await.get(app.registry.settled()).socketsLeft()).isZero();
    assertThat(app.reasonOf(ConnectionState.SUSPENDED).kind()).isEqualTo(Kind.SUSPENDED);
  }
}
