package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects of the handshake, which are followed on request. */
class RedirectTest {
  private static final Set<String> HARMLESS = Set.of("user-agent", "Accept-Language", "ORIGIN");

  private final App app = new App();
  private final RawServer server = new RawServer();
  private final RawServer other = new RawServer();

  @AfterEach
  void close() {
    server.close();
    other.close();
    app.close();
  }

  private WebSocketBuilder chat() {
    return app.webSocket(server.port())
        .header("Authorization", "Bearer secret")
        .header("X-Token", "secret too")
        .header("Origin", "https://app.example");
  }

  private static Request request(String url) {
    return Request.checked(
        "chat",
        URI.create(url),
        Map.of(
            "Cookie", List.of("a=b"),
            "user-agent", List.of("Test"),
            "Accept-Language", List.of("de"),
            "ORIGIN", List.of("https://app.example"),
            "X-Key", List.of("k")));
  }

  private static void sendTo(HandPeer peer, int status, String location) {
    peer.answer("HTTP/1.1 " + status + " Elsewhere", "Location: " + location, "Content-Length: 0");
  }

  // ------------------------------------------------------------------------------- where it leads

  @ParameterizedTest
  @CsvSource({
    "ws://a.example/b/c?d, /e?f, ws://a.example/e?f, true",
    "ws://a.example/b/c, e, ws://a.example/b/e, true",
    "ws://a.example, e, ws://a.example/e, true",
    "ws://a.example?d, e, ws://a.example/e, true",
    "ws://a.example, ?e, ws://a.example?e, true",
    "ws://a.example/b/c?d, ?e, ws://a.example/b/c?e, true",
    "ws://a.example/b/c?d, ../e, ws://a.example/e, true",
    "ws://a.example/b, ws://a.example/c, ws://a.example/c, true",
    "ws://a.example/b, ws://A.example:80/c, ws://A.example:80/c, true",
    "ws://a.example/b, http://a.example/c, ws://a.example/c, true",
    "ws://a.example/b, HTTP://a.example/c#part, ws://a.example/c, true",
    "ws://a.example/b, //b.example/c, ws://b.example/c, false",
    "ws://a.example/b, ws://a.example:81/b, ws://a.example:81/b, false",
    "ws://a.example:81/b, ws://a.example/b, ws://a.example/b, false",
    "ws://a.example/b, ws://b.example/b, ws://b.example/b, false",
    "wss://a.example/b, c, wss://a.example/c, true",
    "wss://a.example/b, https://a.example:443/c, wss://a.example:443/c, true",
    "wss://a.example/b, wss://b.example/c, wss://b.example/c, false",
    "ws://a.example/b, wss://a.example/b, wss://a.example/b, false", // another port
    "ws://a.example:81/b, wss://a.example:81/b, wss://a.example:81/b, false",
  })
  void itLeadsToAUrlAndTheHeadersStayAtHome(
      String from, String location, String url, boolean allHeaders) {
    Request redirected = Redirect.follow("chat", request(from), location);

    assertThat(redirected.url()).hasToString(url);
    assertThat(redirected.headers().keySet())
        .isEqualTo(allHeaders ? request(from).headers().keySet() : HARMLESS);
  }

  @Test
  void whatWasLeftOutDoesNotComeBack() {
    Request away = Redirect.follow("chat", request("ws://a.example/"), "ws://b.example/");
    Request back = Redirect.follow("chat", away, "ws://a.example/");

    assertThat(back.headers().keySet()).isEqualTo(HARMLESS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://a.example/secret",
        "http://a b/secret",
        "http:///secret",
        "ws://user:secret@a.example/",
        "mailto:secret@a.example",
        "%secret",
      })
  void whereItMustNotLead(String location) {
    assertThatThrownBy(() -> Redirect.follow("chat", request("ws://a.example/"), location))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws://a.example/", "http://a.example/", "ws://a.example:443/"})
  void itNeverLeadsFromWssToWs(String location) {
    assertThatThrownBy(() -> Redirect.follow("chat", request("wss://a.example/"), location))
        .hasMessage("chat: from wss to ws, which is not encrypted");
  }

  // --------------------------------------------------------------------------------- on the wire

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsFollowedOnRequest(int status) {
    WebSocketConnection chat = chat().followRedirects(1).register();
    HandPeer first = HandPeer.next(server);
    sendTo(first, status, "/there?x=1");

    HandPeer second = HandPeer.next(server);
    assertThat(second.requestLine()).isEqualTo("GET /there?x=1 HTTP/1.1");
    assertThat(second.header("Authorization")).isEqualTo("Bearer secret");
    second.open();
    app.await(ConnectionState.OPEN);

    assertThat(chat.snapshot().generation()).isEqualTo(1);
    assertThat(chat.handshakeResponse().orElseThrow().status()).isEqualTo(101);
    assertThat(app.steps.states())
        .containsSubsequence(
            ConnectionState.CONNECTING, ConnectionState.PREPARING, ConnectionState.OPEN)
        .doesNotContain(ConnectionState.WAITING);
    first.awaitCut();
    Await.get(chat.sendText("here"));
    assertThat(second.read(HandPeer.TEXT).text()).isEqualTo("here");
    assertThat(chat.remoteAddress().orElseThrow().getPort()).isEqualTo(server.port());
  }

  @Test
  void toAnotherPortGoNoCredentials() {
    chat().followRedirects(5).register();
    sendTo(HandPeer.next(server), 302, "http://127.0.0.1:" + other.port() + "/");

    HandPeer second = HandPeer.next(other);

    assertThat(second.header("Host")).isEqualTo("127.0.0.1:" + other.port());
    assertThat(second.headers("Authorization")).isEmpty();
    assertThat(second.headers("X-Token")).isEmpty();
    assertThat(second.header("Origin")).isEqualTo("https://app.example");
  }

  @Test
  void itIsNotFollowedUnlessAskedFor() {
    chat().register();
    sendTo(HandPeer.next(server), 302, "/there");

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);

    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(302);
    assertThat(reason.detail()).contains("followRedirects()");
    assertThat(server.accepted()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 300, 304, 305, 306, 401})
  void anotherStatusIsNoRedirectThoughItHasALocation(int status) {
    chat().followRedirects(3).register();
    sendTo(HandPeer.next(server), status, "/there");

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);

    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(status);
    assertThat(server.accepted()).isEqualTo(1);
  }

  @Test
  void aCircleEnds() {
    chat().followRedirects(3).register();
    for (int i = 0; i < 4; i++) {
      sendTo(HandPeer.next(server), 307, "/round");
    }

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);

    assertThat(reason.kind()).isEqualTo(Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(307);
    assertThat(reason.detail()).isEqualTo("redirected more than 3 times");
    assertThat(server.accepted()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "'', a redirect to nowhere",
    "ftp://h/, a redirect that is not followed: a WebSocket URL begins with ws:// or wss://",
    "'http://a b/', a redirect that is not followed: to what is no URL",
  })
  void oneThatLeadsNowhereRefusesTheHandshake(String location, String detail) {
    chat().followRedirects(3).register();
    sendTo(HandPeer.next(server), 302, location);

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);

    assertThat(reason.code()).hasValue(302);
    assertThat(reason.detail()).isEqualTo(detail);
    assertThat(server.accepted()).isEqualTo(1);
  }

  @Test
  void eachAttemptBeginsWhereTheAppSays() {
    chat().followRedirects(3).register();
    for (int attempt = 0; attempt < 3; attempt++) {
      HandPeer first = HandPeer.next(server);
      assertThat(first.requestLine()).isEqualTo("GET / HTTP/1.1");
      sendTo(first, 302, "/there");
      HandPeer second = HandPeer.next(server);
      assertThat(second.header("Authorization")).isEqualTo("Bearer secret");
      second.answer("HTTP/1.1 503 Busy");
    }
  }

  @Test
  void whoHasASupplierIsNotAskedWhereARedirectLeads() {
    List<String> asked = new CopyOnWriteArrayList<>();
    chat()
        .connectTo(
            () -> {
              asked.add("url");
              return URI.create(App.url(server.port()));
            })
        .followRedirects(1)
        .register();
    sendTo(HandPeer.next(server), 302, App.url(other.port()) + "there");

    HandPeer second = HandPeer.next(other);

    assertThat(second.requestLine()).isEqualTo("GET /there HTTP/1.1");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aSuspendInTheMiddleOfOneLeavesNoSocket() {
    chat().followRedirects(1).register();
    sendTo(HandPeer.next(server), 302, "/there");
    HandPeer second = HandPeer.next(server);

    app.suspend();

    second.awaitCut();
    app.registry.assertQuiescent();
  }

  @Test
  void aHostThatIsNotThereFailsTheAttempt() {
    chat().followRedirects(1).register();
    other.close();
    sendTo(HandPeer.next(server), 302, "ws://127.0.0.1:" + other.port() + "/");

    assertThat(app.firstEnd().kind()).isEqualTo(Kind.CONNECT_FAILED);
  }
}
