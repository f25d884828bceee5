package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers open the WebSocket, and which don't. */
class HandshakeAnswerTest {
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
  void anAnswerInSingleBytesIsUnderstood() {
    WebSocketConnection connection = chat().register();
    HandPeer peer = HandPeer.next(server);

    for (byte one : peer.acceptance("X-More: " + "y".repeat(500))) {
      peer.write(new byte[] {one});
    }

    Await.get(connection.whenOpen());
    assertThat(connection.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void framesRightBehindTheAnswerAreDeliveredAfterTheOpening() throws Exception {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    chat().onOpen(ws -> events.add("open")).onText((ws, text) -> events.add(text)).register();
    HandPeer peer = HandPeer.next(server);

    peer.write(
        peer.acceptance(),
        HandPeer.frame(HandPeer.TEXT, "one"),
        HandPeer.frame(HandPeer.PING, "p"),
        HandPeer.frame(HandPeer.TEXT, "two"));

    for (String expected : List.of("open", "one", "two")) {
      assertThat(events.poll(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(expected);
    }
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("p");
  }

  @Test
  void aCloseRightBehindTheAnswerEndsWhatHasJustOpened() {
    chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.write(peer.acceptance(), HandPeer.closeFrame(1008));

    assertThat(peer.read(HandPeer.CLOSE).code()).isEqualTo(1008);
    peer.close();
    assertThat(app.reasonOf(ConnectionState.FAILED).code()).hasValue(1008);
    assertThat(app.steps.states()).contains(ConnectionState.OPEN);
  }

  @Test
  void anAnswerWithRepeatedAndUnknownHeadersIsTaken() {
    WebSocketConnection connection = chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer(
        "HTTP/1.1 101 ",
        "upgrade: WebSocket",
        "connection: keep-alive",
        "Connection: upgrade",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
        "Sec-WebSocket-Protocol:",
        "SEC-WEBSOCKET-ACCEPT:   " + peer.acceptKey());

    Await.get(connection.whenOpen());
  }

  /** RFC 9110, section 5.5: they are dangerous to whoever passes the value on, such as to a log. */
  @Test
  void lineBreaksAndNulInsideAHeadersValueAreSpaces() {
    WebSocketConnection connection = chat().register();

    HandPeer.accept(server, "X-Odd: a\u0000b\nc\rd");

    app.await(ConnectionState.OPEN);
    assertThat(connection.handshakeResponse().orElseThrow().header("x-odd")).contains("a b c d");
  }

  /** RFC 9110, section 15.2: a client must be able to read interim responses, and skip them. */
  @Test
  void interimResponsesAreSkipped() {
    WebSocketConnection connection = chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer("HTTP/1.1 103 Early Hints", "Link: </style.css>; rel=preload");
    peer.answer("HTTP/1.1 100 Continue");
    peer.write(
        HandPeer.concat(
            HandPeer.bytes("HTTP/1.1 102 Processing\r\n\r\n"),
            peer.acceptance(),
            HandPeer.frame(HandPeer.PING, "p")));

    Await.get(connection.whenOpen());
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("p");
    assertThat(connection.handshakeResponse().orElseThrow().headers()).doesNotContainKey("Link");
  }

  @Test
  void interimResponsesWithoutEndAreTooLong() {
    chat().register();
    HandPeer peer = HandPeer.next(server);
    byte[] interim = HandPeer.bytes("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");

    try {
      for (int i = 0; i < 10_000; i++) {
        peer.write(interim);
      }
    } catch (java.io.UncheckedIOException e) {
      assertThat(e).hasMessageMatching(".*(reset|Broken pipe).*");
    }

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
  }

  /** RFC 9110, sections 5.5, 5.6.3 and 7.6.1; names know no case, and old servers fold lines. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: websocket \r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY ",
        "Upgrade:\twebsocket\t\r\nConnection:Upgrade\r\nSec-WebSocket-Accept:\t KEY\t",
        "UPGRADE: WebSocket\r\nconnection: keep-alive ,\tUPGRADE\r\nsec-websocket-accept: KEY",
        "Upgrade: websocket\r\nConnection: ,upgrade,\r\nSec-WebSocket-Accept: KEY",
        "Upgrade: websocket\r\nConnection: keep-alive,\r\n  upgrade\r\nSec-WebSocket-Accept: KEY",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY"
            + "\r\nSec-WebSocket-Extensions: ",
      })
  void whitespaceAndCaseOfTheAnswersHeadersMakeNoDifference(String headers) {
    WebSocketConnection connection = chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer("HTTP/1.1 101 X", headers.replace("KEY", peer.acceptKey()));

    Await.get(connection.whenOpen());
  }

  @Test
  void theAnswerIsThereFromTheHandshakeToTheNextAttempt() {
    WebSocketConnection connection = chat().subprotocols("v1.chat").register();
    assertThat(connection.handshakeResponse()).isEmpty();

    HandPeer peer =
        HandPeer.accept(
            server,
            "Set-Cookie: a=1",
            "X-Rate-Limit:  17 ",
            "set-cookie: b=s3cr3t",
            "Sec-WebSocket-Protocol: v1.chat");
    Await.get(connection.whenOpen());

    HandshakeResponse response = connection.handshakeResponse().orElseThrow();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.header("x-rate-limit")).contains("17");
    assertThat(response.header("X-Missing")).isEmpty();
    assertThat(response.headers().get("SET-COOKIE")).containsExactly("a=1", "b=s3cr3t");
    assertThat(response).hasToString("HandshakeResponse 101");
    assertThat(connection.subprotocol()).contains("v1.chat");
    connection.pause();
    peer.answerClose();
    app.await(ConnectionState.SUSPENDED);
    assertThat(connection.handshakeResponse()).contains(response);
    assertThat(connection.subprotocol()).isEmpty();

    connection.resume();
    HandPeer next = HandPeer.next(server);
    assertThat(connection.handshakeResponse()).isEmpty();
    next.answer(
        "HTTP/1.1 401 Unauthorized",
        "WWW-Authenticate: Bearer error=expired",
        "Sec-WebSocket-Protocol: v1.chat");
    app.await(ConnectionState.FAILED);
    HandshakeResponse refusal = connection.handshakeResponse().orElseThrow();
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.header("www-authenticate")).contains("Bearer error=expired");
    assertThat(connection.subprotocol()).isEmpty();
  }

  @Test
  void theConnectionKnowsItsUrlAndBothEndsOfItsSocket() {
    WebSocketConnection connection = chat().register();
    assertThat(connection.url()).contains(URI.create(App.url(server.port())));
    HandPeer peer = HandPeer.accept(server);
    Await.get(connection.whenOpen());

    assertThat(connection.remoteAddress().orElseThrow().getPort()).isEqualTo(server.port());
    assertThat(connection.localAddress().orElseThrow().getPort()).isEqualTo(peer.socket.getPort());

    connection.close();
    peer.answerClose();
    app.await(ConnectionState.CLOSED);
    assertThat(connection.remoteAddress()).isEmpty();
    assertThat(connection.localAddress()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: noupgrade"
            + "\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade-insecure, keep-alive"
            + "\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nUpgrade: websockets\r\nConnection: Upgrade"
            + "\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade"
            + "\r\nSec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x",
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade",
        "HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY",
        "HTTP/1.1 101 Yes\r\nno header at all",
        "HTTP/2 101 Yes\r\nUpgrade: websocket",
        "HTTP/1.1 1010 Yes\r\nUpgrade: websocket",
        "HTTP/1.1 099 No",
        "HTTP/1.1 000 No",
        "220 mail.example.com ESMTP",
        "\u0000\u0001\u0002",
        "",
      })
  void whatIsNoAnswerIsAProtocolError(String answer) {
    WebSocketConnection connection = chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer(answer.replace("KEY", peer.acceptKey()));

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    connection
        .handshakeResponse()
        .ifPresent(response -> assertThat(response.status()).as("HTTP").isNotZero());
    assertThat(app.steps.states()).doesNotContain(ConnectionState.OPEN);
    peer.awaitCut();
  }

  @ParameterizedTest
  @ValueSource(strings = {"websockets", "h2c", "websocket, h2c", ""})
  void whoUpgradesToSomethingElseIsSaidNotToHaveUpgraded(String protocol) {
    chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer(
        "HTTP/1.1 101 Yes",
        "Upgrade: " + protocol,
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: " + peer.acceptKey());

    assertThat(app.firstEnd())
        .hasToString("PROTOCOL_ERROR (the server did not upgrade to WebSocket)");
  }

  @ParameterizedTest
  @ValueSource(ints = {65 * 1024, 100 * 1024, 300 * 1024})
  void anAnswerThatIsTooLongIsNotReadToItsEnd(int length) {
    chat().register();
    HandPeer peer = HandPeer.next(server);

    try {
      peer.write(peer.acceptance("X: " + "x".repeat(length)));
    } catch (java.io.UncheckedIOException e) {
      // The client is gone: the first write that meets its reset says so, the next says EPIPE.
      assertThat(e).hasMessageMatching(".*(reset|Broken pipe).*");
    }

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
  }

  @Test
  void aServerThatNeverAnswersCostsTheHandshakeTimeout() {
    chat().handshakeTimeout(Duration.ofMillis(50)).register();

    HandPeer.next(server).write(HandPeer.bytes("HTTP/1.1 101 "));

    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
    assertThat(reason).hasToString("CONNECT_TIMEOUT (no answer to the handshake)");
    assertThat(server.next().isConnected()).as("tried again").isTrue();
  }

  @Test
  void aHandshakeInTimeLeavesNoTimerBehind() {
    WebSocketConnection connection = chat().handshakeTimeout(Duration.ofMillis(200)).register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(connection.whenOpen());
    long opened = System.nanoTime();

    Await.until("the timeout is long over", () -> System.nanoTime() - opened > 400_000_000L);

    peer.ping("x");
    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("x");
    assertThat(connection.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void aServerThatHangsUpInTheHandshakeIsTriedAgain() {
    chat().register();

    HandPeer.next(server).close();
    HandPeer.next(server).reset();
    HandPeer.accept(server);

    app.await(ConnectionState.OPEN);
    assertThat(app.firstEnd())
        .hasToString("PEER_CLOSED (before it answered the handshake, as servers of wss do to ws)");
  }
}
