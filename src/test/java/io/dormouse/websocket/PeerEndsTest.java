package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server ends the connection, in all the ways there are. */
class PeerEndsTest {
  private final App app = new App();
  private final RawServer server = new RawServer();
  private final List<String> texts = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  private HandPeer connect() {
    app.webSocket(server.port()).onText((ws, text) -> texts.add(text)).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    return peer;
  }

  // -------------------------------------------------------------------------------- close codes

  @ParameterizedTest
  @CsvSource({
    "1000, WAITING", "1001, WAITING", "1003, WAITING", "1008, FAILED", "1011, WAITING",
    "1012, WAITING", "1013, WAITING", "1014, WAITING", "3000, FAILED", "3003, FAILED",
    "4000, WAITING", "4999, WAITING",
  })
  void theCloseCodeDecidesWhetherToComeBack(int code, ConnectionState then) {
    HandPeer peer = connect();

    peer.sayClose(code);

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(code);
    peer.readEnd();
    peer.close();
    CloseReason reason = app.reasonOf(then);
    assertThat(reason.kind()).isEqualTo(Kind.PEER_CLOSED);
    assertThat(reason.code()).hasValue(code);
    if (then == ConnectionState.FAILED) {
      assertGivesItsSocketBack();
    } else if (code != 1012 && code != 1013) { // those ask for some seconds of peace
      HandPeer.accept(server);
      app.steps.await(ConnectionState.OPEN, 2);
    } else {
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  /** It does so when the round of the loop ends in which it has failed. */
  private void assertGivesItsSocketBack() {
    Await.until("no socket", () -> OsSockets.connectedTo(server.port()) == 0);
  }

  /** RFC 6455, section 7.1.5. */
  @Test
  void aCloseWithoutACodeIs1005AndAnsweredInKind() {
    HandPeer peer = connect();

    peer.write(HandPeer.frame(true, HandPeer.CLOSE, new byte[0]));

    assertThat(peer.read(HandPeer.CLOSE).payload()).isEmpty();
    peer.readEnd();
    peer.close();
    assertThat(app.firstEnd()).hasToString("PEER_CLOSED 1005");
    assertThat(app.firstEnd().peerText()).isEmpty();
  }

  /** For the app's eyes: what the server writes there may be anything. */
  @Test
  void theServersCloseReasonReachesTheAppAndNobodyElse() {
    HandPeer peer = connect();
    byte[] code = {0x0f, (byte) 0xa0};

    peer.write(
        HandPeer.frame(
            true, HandPeer.CLOSE, HandPeer.concat(code, HandPeer.bytes("bis 5 Uhr früh"))));

    HandPeer.Frame answer = peer.read(HandPeer.CLOSE);
    assertThat(answer.payload()).isEqualTo(code); // which are not repeated
    peer.close();
    assertThat(app.firstEnd()).hasToString("PEER_CLOSED 4000");
    assertThat(app.firstEnd().peerText()).contains("bis 5 Uhr früh");
  }

  @Test
  void messagesBeforeTheCloseAreDeliveredAndThoseBehindItAreNot() {
    HandPeer peer = connect();

    peer.write(
        HandPeer.frame(HandPeer.TEXT, "before"),
        HandPeer.closeFrame(4000),
        HandPeer.frame(HandPeer.PING, "behind"),
        HandPeer.frame(HandPeer.TEXT, "behind"),
        HandPeer.closeFrame(4001));

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(4000);
    peer.readEnd();
    peer.close();
    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason).hasToString("PEER_CLOSED 4000");
    assertThat(texts).containsExactly("before");
  }

  @Test
  void whatWasAcceptedAndNotWrittenFails() {
    HandPeer peer = connect();
    WebSocketConnection chat = (WebSocketConnection) app.registry.find(App.NAME).orElseThrow();
    CompletableFuture<Void> partly = chat.sendBinary(ByteBuffer.allocate(32 << 20));
    peer.awaitBytes();

    peer.sayClose(4000);

    SendFailedException failure = (SendFailedException) Await.failure(partly);
    assertThat(failure.reason().code()).hasValue(4000);
    assertThat(failure.partlyWritten()).isTrue();
  }

  // ----------------------------------------------------------------------- without a close frame

  @Test
  void aServerThatHangsUpWithoutACloseFrameHasClosed() {
    HandPeer peer = connect();

    peer.text("last").close();

    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason).hasToString("PEER_CLOSED 1006"); // RFC 6455, section 7.1.5
    assertThat(texts).containsExactly("last");
    HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);
  }

  @Test
  void aResetIsTold() {
    HandPeer peer = connect();

    peer.reset();

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PEER_RESET);
    assertThat(app.firstEnd().cause()).isPresent();
    HandPeer.accept(server);
    app.steps.await(ConnectionState.OPEN, 2);
  }

  @Test
  void eachReconnectBeginsWithAnEngineOfItsOwn() {
    WebSocketConnection chat =
        app.webSocket(server.port()).onText((ws, text) -> texts.add(text)).register();
    for (int i = 1; i <= 40; i++) {
      HandPeer peer = HandPeer.accept(server);
      app.steps.await(ConnectionState.OPEN, i);
      Await.get(chat.sendText("up " + i));
      assertThat(peer.read(HandPeer.TEXT).text()).isEqualTo("up " + i);
      // The beginning of a frame and of a message, which the next engine must know nothing of.
      peer.write(
          HandPeer.frame(HandPeer.TEXT, "down " + i),
          HandPeer.frame(false, HandPeer.TEXT, new byte[] {'x'}),
          HandPeer.head(true, HandPeer.CONTINUATION, 100));
      switch (i % 3) {
        case 0 -> peer.reset();
        case 1 -> peer.close();
        default -> {
          peer.write(new byte[100], HandPeer.closeFrame(1001));
          peer.read(HandPeer.CLOSE);
          peer.close();
        }
      }
    }
    HandPeer last = HandPeer.accept(server);
    last.text("the end");
    Await.until("the end", () -> texts.contains("the end"));
    assertThat(texts).contains("down 2", "down 38").doesNotContain("x");
    assertThat(chat.snapshot().generation()).isEqualTo(41);
    assertThat(OsSockets.connectedTo(server.port())).isEqualTo(1);
  }

  /** Nothing comes behind our close frame (RFC 6455, section 5.5.1). */
  @Test
  void whatIsSentBetweenTheServersCloseFrameAndItsEndFailsWithThatClose() {
    WebSocketConnection chat = app.webSocket(server.port()).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    peer.sayClose(4001);
    peer.read(HandPeer.CLOSE);

    CompletableFuture<Void> late = chat.sendText("late");

    // When another one connects, the loop has accepted the message.
    app.registry.webSocket("other").connectTo(App.url(server.port())).register();
    HandPeer.next(server);
    peer.readEnd();
    peer.close();
    SendFailedException failure = (SendFailedException) Await.failure(late);
    assertThat(failure.reason().code()).hasValue(4001);
    assertThat(failure.partlyWritten()).isFalse();
  }
}
