package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What users of other clients expect to be able to set and to read. */
class WebSocketOptionsTest {
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

  // -------------------------------------------------------------------------------------- headers

  @Test
  void aHeaderMayBeSentMoreThanOnce() {
    chat()
        .header("X-One", "replaced")
        .header("x-one", "1")
        .addHeader("Cookie", "a=1")
        .addHeader("cookie", "b=2")
        .addHeader("X-One", "2")
        .register();

    HandPeer peer = HandPeer.next(server);

    assertThat(peer.headers("Cookie")).containsExactly("a=1", "b=2");
    assertThat(peer.headers("X-One")).containsExactly("1", "2");
    assertThat(peer.headers("Host")).hasSize(1);
  }

  @Test
  void aHeaderAgainReplacesAllOfItsName() {
    chat().addHeader("A", "1").addHeader("A", "2").header("a", "3").register();

    assertThat(HandPeer.next(server).headers("A")).containsExactly("3");
  }

  @Test
  void aSupplierMayGiveAHeaderMoreThanOnce() {
    chat()
        .addHeader("Cookie", "replaced")
        .addHeader("X-Fixed", "1")
        .repeatedHeaders(() -> Map.of("cookie", List.of("a=1", "b=2"), "X-Empty", List.of()))
        .register();

    HandPeer peer = HandPeer.next(server);

    assertThat(peer.headers("Cookie")).containsExactly("a=1", "b=2");
    assertThat(peer.headers("X-Fixed")).containsExactly("1");
    assertThat(peer.headers("X-Empty")).isEmpty();
  }

  @Test
  void whatASupplierMustNotGiveFailsTheAttemptWithASentence() {
    chat().repeatedHeaders(() -> Map.of("A", List.of("good", "bad\r\nB: secret"))).register();

    CloseReason reason = app.firstEnd();

    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);
    assertThat(reason.detail()).contains("has a line break").doesNotContain("secret");
  }

  @Test
  void wrongHeadersAreRefusedAtOnce() {
    assertThatThrownBy(() -> chat().addHeader("Host", "h"))
        .hasMessage("chat: the header Host is the handshake's own");
    assertThatThrownBy(() -> chat().addHeader("A", "1\n2"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // --------------------------------------------------------------------------- a refused handshake

  @Test
  void whatARefusalSaysIsInItsReason() {
    WebSocketConnection chat = chat().register();
    HandPeer.next(server)
        .answer(
            "HTTP/1.1 401 Unauthorized",
            "WWW-Authenticate: Basic realm=\"a\"",
            "WWW-Authenticate: Bearer",
            "Set-Cookie: a=secret",
            "Set-Cookie: b=2");

    CloseReason reason = app.reasonOf(ConnectionState.FAILED);

    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.HANDSHAKE_REJECTED);
    assertThat(reason.code()).hasValue(401);
    HandshakeRejectedException rejected = (HandshakeRejectedException) reason.cause().orElseThrow();
    assertThat(rejected.response().status()).isEqualTo(401);
    assertThat(rejected.response().headers().get("www-authenticate"))
        .containsExactly("Basic realm=\"a\"", "Bearer");
    assertThat(rejected.response().headers().get("set-cookie")).containsExactly("a=secret", "b=2");
    assertThat(rejected).hasMessage("chat: the server refused the handshake with status 401");
    assertThat(rejected.connectionName()).isEqualTo("chat");
    assertThat(reason.toString()).isEqualTo("HANDSHAKE_REJECTED 401");
    assertThat(chat.handshakeResponse().orElseThrow().status()).isEqualTo(401);
  }

  @Test
  void theReasonKeepsTheResponseWhenTheNextAttemptHasBegun() {
    List<String> cookies = new CopyOnWriteArrayList<>();
    chat()
        .onStateChange(
            (connection, change) ->
                change
                    .reason()
                    .flatMap(CloseReason::cause)
                    .map(HandshakeRejectedException.class::cast)
                    .flatMap(rejected -> rejected.response().header("Set-Cookie"))
                    .ifPresent(cookies::add))
        .register();
    for (int i = 0; i < 3; i++) {
      HandPeer.next(server).answer("HTTP/1.1 503 Busy", "Set-Cookie: n=" + i, "Retry-After: 0");
    }

    Await.until("all are told", () -> cookies.containsAll(List.of("n=0", "n=1", "n=2")));
  }

  // ------------------------------------------------------------------------------------------ TCP

  @Test
  void theSocketIsBoundWhereTheAppSays() {
    WebSocketConnection chat =
        chat()
            .bind(new InetSocketAddress("127.0.0.2", 0))
            .noDelay(false)
            .keepAlive(true)
            .sendBufferSize(64 << 10)
            .receiveBufferSize(64 << 10)
            .register();
    HandPeer peer = HandPeer.accept(server);
    Await.get(chat.whenOpen());

    assertThat(peer.socket.getInetAddress().getHostAddress()).isEqualTo("127.0.0.2");
    assertThat(chat.localAddress().orElseThrow().getPort()).isEqualTo(peer.socket.getPort());
  }

  @Test
  void unresolvedAddressesAndBuffersOfNothingAreRefused() {
    assertThatThrownBy(() -> chat().bind(InetSocketAddress.createUnresolved("h", 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chat().sendBufferSize(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chat().receiveBufferSize(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chat().followRedirects(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
