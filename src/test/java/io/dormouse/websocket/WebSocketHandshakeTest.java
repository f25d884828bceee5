package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketHandshakeTest {
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

  // ------------------------------------------------------------------------------ the request

  @Test
  void theRequestIsWhatTheStandardAsksFor() {
    chat()
        .connectTo("ws://127.0.0.1:" + server.port() + "/v1/chat%20room?token=a%2Fb&x=1")
        .register();

    HandPeer peer = HandPeer.next(server);

    assertThat(peer.requestLine()).isEqualTo("GET /v1/chat%20room?token=a%2Fb&x=1 HTTP/1.1");
    assertThat(peer.header("Host")).isEqualTo("127.0.0.1:" + server.port());
    assertThat(peer.header("Upgrade")).isEqualTo("websocket");
    assertThat(peer.header("Connection")).isEqualTo("Upgrade");
    assertThat(peer.header("Sec-WebSocket-Version")).isEqualTo("13");
    assertThat(peer.headers("Sec-WebSocket-Protocol")).isEmpty();
    assertThat(peer.headers("Sec-WebSocket-Extensions")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ws://h, h, h, 80, /",
    "ws://h:80/, h, h, 80, /",
    "ws://h:81?q, h:81, h, 81, /?q",
    "WS://Host.example/a, Host.example, Host.example, 80, /a",
    "'ws://[::1]:81/a?b', '[::1]:81', ::1, 81, /a?b",
    "'ws://[::1]', '[::1]', ::1, 80, /",
    "ws://my_service:81/, my_service:81, my_service, 81, /",
    "ws://h:/, h, h, 80, /",
    "ws://h/grüße?ü, h, h, 80, /gr%C3%BC%C3%9Fe?%C3%BC",
    "ws://h/?t=\u1FEF\u4E2D\uD83D\uDC2D, h, h, 80, /?t=%E1%BF%AF%E4%B8%AD%F0%9F%90%AD",
  })
  void theUrlSaysWhereToAndWhat(String url, String host, String name, int port, String resource) {
    Request request = Request.checked("chat", URI.create(url), Map.of());

    assertThat(request.host()).isEqualTo(host);
    assertThat(request.endpoint().getHostString()).isIn(name, "0:0:0:0:0:0:0:1");
    assertThat(request.endpoint().getPort()).isEqualTo(port);
    assertThat(request.resource()).isEqualTo(resource);
  }

  @Test
  void aFreshTokenIsAskedForWithEachAttempt() {
    AtomicInteger tokens = new AtomicInteger();
    AtomicInteger paths = new AtomicInteger();
    chat()
        .connectTo(() -> URI.create(App.url(server.port()) + paths.incrementAndGet()))
        .header("X-Fixed", "always")
        .headers(() -> Map.of("Authorization", "Bearer " + tokens.incrementAndGet()))
        .register();

    for (int attempt = 1; attempt <= 3; attempt++) {
      HandPeer peer = HandPeer.next(server);
      assertThat(peer.requestLine()).isEqualTo("GET /" + attempt + " HTTP/1.1");
      assertThat(peer.header("Authorization")).isEqualTo("Bearer " + attempt);
      assertThat(peer.header("X-Fixed")).isEqualTo("always");
      peer.answer("HTTP/1.1 500 Oh").close();
    }
  }

  /** Names of headers know no case (RFC 9110, section 5.1). */
  @Test
  void aFreshHeaderReplacesTheFixedOneWhateverItsCase() {
    Map<String, String> fresh = new HashMap<>();
    WebSocketBuilder chat = chat();
    for (int i = 0; i < 20; i++) {
      chat.header("X-HEADER-" + i, "old").header("X-Header-" + i, "fixed " + i);
      fresh.put("x-header-" + i, "fresh " + i);
    }
    fresh.remove("x-header-0");
    chat.headers(() -> fresh).register();

    HandPeer peer = HandPeer.next(server);

    assertThat(peer.header("X-Header-0")).isEqualTo("fixed 0");
    for (int i = 1; i < 20; i++) {
      assertThat(peer.header("X-Header-" + i)).isEqualTo("fresh " + i);
    }
  }

  // ------------------------------------------------------------------------------- subprotocols

  @Test
  void theServerChoosesOneOfTheSubprotocols() {
    WebSocketConnection connection = chat().subprotocols("v2.chat", "v1.chat").register();
    assertThat(connection.subprotocol()).isEmpty();

    HandPeer peer = HandPeer.next(server);
    assertThat(peer.header("Sec-WebSocket-Protocol")).isEqualTo("v2.chat, v1.chat");
    peer.open("sec-websocket-protocol: v1.chat");

    Await.get(connection.whenOpen());
    assertThat(connection.subprotocol()).contains("v1.chat");
    connection.close();
    peer.answerClose();
    app.await(ConnectionState.CLOSED);
    assertThat(connection.subprotocol()).isEmpty();
  }

  @Test
  void theServerMayChooseNoSubprotocol() {
    WebSocketConnection connection = chat().subprotocols("v2.chat").register();

    HandPeer.accept(server);

    Await.get(connection.whenOpen());
    assertThat(connection.subprotocol()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Protocol: v3.chat",
        "Sec-WebSocket-Protocol: V1.CHAT",
        "Sec-WebSocket-Protocol: v1.chat, v2.chat",
        "Sec-WebSocket-Protocol: v1.chat\r\nSec-WebSocket-Protocol: v1.chat",
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: x-unknown; a=1",
      })
  void whatWasNotOfferedIsNotTaken(String header) {
    chat().subprotocols("v1.chat", "v2.chat").register();

    HandPeer.next(server).open(header);

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PROTOCOL_ERROR);
    assertThat(app.steps.states()).doesNotContain(ConnectionState.OPEN);
  }

  // --------------------------------------------------------------------------------- the answer

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

  @Test
  void aUrlBesideFreshHeadersIsKnownAndOneOfASupplierIsNot() {
    URI url = URI.create(App.url(server.port()));

    WebSocketConnection known = chat().headers(Map::of).register();
    WebSocketConnection asked = app.registry.webSocket("asked").connectTo(() -> url).register();

    assertThat(known.url()).contains(url);
    assertThat(asked.url()).isEmpty();
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
    chat().register();
    HandPeer peer = HandPeer.next(server);

    peer.answer(answer.replace("KEY", peer.acceptKey()));

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PROTOCOL_ERROR);
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
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
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
    assertThat(app.firstEnd().kind()).isEqualTo(Kind.PEER_CLOSED);
  }

  // -------------------------------------------------------------------------------- the refusal

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 301, 302, 308, 400, 401, 403, 404, 426})
  void aRefusalIsNoReasonToHammer(int status) {
    WebSocketConnection connection = chat().register();

    HandPeer peer = HandPeer.next(server).answer("HTTP/1.1 " + status + " No", "Content-Length: 0");

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);
    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(status);
    peer.awaitCut();
    Await.until("no socket", () -> OsSockets.connectedTo(server.port()) == 0);
    assertThat(server.accepted()).isEqualTo(1);

    connection.retryNow();
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503})
  void whatTimeMayHealIsTriedAgain(int status) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 " + status + " Not now", "Location: http://x/");

    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(status);
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @CsvSource({"3600, PT1H", "0, PT0S", "' 7 ', PT7S", "'Thu, 01 Jan 1970 00:00:00 GMT', PT0S"})
  void theServerMayAskForAPause(String retryAfter, Duration pause) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "retry-after:" + retryAfter);

    assertThat(app.firstEnd().retryAfter()).contains(pause);
  }

  /** Whatever a server says, an app that stays in front must not be shut out for days. */
  @Test
  void anHourIsTheMostThatIsWaited() {
    WebSocketConnection connection = chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: 31536000");

    assertThat(app.reasonOf(ConnectionState.WAITING).retryAfter()).contains(Duration.ofDays(365));
    assertThat(connection.state()).isEqualTo(ConnectionState.WAITING);
  }

  @Test
  void anHourIsWaitedForAnHour() {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: 3600");

    CloseReason reason = app.reasonOf(ConnectionState.WAITING);
    assertThat(reason.retryAfter()).contains(Duration.ofHours(1));
    assertThat(server.accepted()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-5", "1.5", "99999999999", "Thu, 01 Foo 1970 00:00:00 GMT"})
  void whatCannotBeReadIsTakenForNotSaid(String retryAfter) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: " + retryAfter);

    assertThat(app.firstEnd().retryAfter()).isEmpty();
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
  void aPauseOfDecadesIsAPauseAndNoFault(String retryAfter) {
    chat().register();

    HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Retry-After: " + retryAfter);

    assertThat(app.firstEnd().retryAfter()).isPresent();
    assertThat(app.steps.states())
        .contains(ConnectionState.WAITING)
        .doesNotContain(ConnectionState.FAILED);
    app.lifecycle.onForeground(); // as ever, a foreground tries at once
  }

  // ------------------------------------------------------------------------------ the suppliers

  @Test
  void aSupplierThatThrowsIsAFailedAttemptAndAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    IllegalStateException noToken = new IllegalStateException("no token yet");
    chat()
        .headers(
            () -> {
              if (asked.incrementAndGet() < 3) {
                throw noToken;
              }
              return Map.of();
            })
        .register();

    CloseReason reason = app.firstEnd();
    assertThat(reason.kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(reason.cause()).contains(noToken);
    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    assertThat(asked).hasValue(3);
  }

  /** As what reads a file or asks a server does. */
  @Test
  void aSupplierMayThrowCheckedExceptions() {
    java.io.IOException noFile = new java.io.IOException("no token file");
    chat()
        .connectTo(
            () -> {
              throw noFile;
            })
        .register();

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(app.firstEnd().cause()).contains(noFile);
  }

  @Test
  void aSupplierThatThrowsAnErrorIsAFailedAttemptToo() {
    AtomicInteger asked = new AtomicInteger();
    chat()
        .handshakeTimeout(App.LONG)
        .headers(
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("com/example/Tokens");
              }
              return Map.of();
            })
        .register();

    HandPeer.accept(server);

    app.await(ConnectionState.OPEN);
    assertThat(app.firstEnd().kind()).isEqualTo(Kind.SUPPLIER_FAILED);
  }

  @Test
  void aSupplierThatGivesNothingUsableIsAFailedAttempt() {
    List<URI> urls =
        List.of(
            URI.create("http://127.0.0.1/"),
            URI.create("wss:///path"),
            URI.create("ws:///path"),
            URI.create("/path"));
    AtomicInteger asked = new AtomicInteger();
    URI good = URI.create(App.url(server.port()));
    chat()
        .connectTo(
            () -> {
              int number = asked.getAndIncrement();
              return number == 0 ? null : number <= urls.size() ? urls.get(number - 1) : good;
            })
        .headers(() -> asked.get() < 7 ? null : Map.of("Good", "value"))
        .register();

    HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    assertThat(app.steps.changes())
        .filteredOn(change -> change.to() == ConnectionState.WAITING)
        .hasSize(6)
        .allMatch(change -> change.reason().get().kind() == Kind.SUPPLIER_FAILED);
  }

  /** It did not throw: what it gave is at fault, and the reason says in which way. */
  @Test
  void whatTheSupplierGaveIsToldApartFromASupplierThatThrew() {
    AtomicInteger asked = new AtomicInteger();
    chat()
        .connectTo(
            () ->
                switch (asked.incrementAndGet()) {
                  case 1 -> throw new IllegalArgumentException("s3cr3t");
                  case 2 -> URI.create("http://h.example/?token=s3cr3t");
                  case 3 -> null;
                  default -> URI.create("ws://h.example/#s3cr3t");
                })
        .register();

    app.steps.await(ConnectionState.WAITING, 4);

    List<String> details =
        app.steps.changes().stream()
            .filter(change -> change.to() == ConnectionState.WAITING)
            .map(change -> change.reason().orElseThrow().detail())
            .toList();
    assertThat(details.get(0)).isEqualTo("the supplier of the address threw");
    assertThat(details.get(1))
        .isEqualTo(
            "what the supplier gave can't be used: a WebSocket URL begins with ws://, not with http://");
    assertThat(details.get(2)).isEqualTo("what the supplier gave can't be used: no URL");
    assertThat(details.get(3)).contains("can't be used: the URL has a fragment");
    assertThat(String.join(" ", details)).doesNotContain("s3cr3t");
  }

  @Test
  void aHeaderFromTheSupplierIsCheckedToo() {
    chat().headers(() -> Map.of("X", "line\r\nX-Injected: yes")).register();

    CloseReason reason = app.firstEnd();

    assertThat(reason.kind()).isEqualTo(Kind.SUPPLIER_FAILED);
    assertThat(server.accepted()).isZero();
  }
}
