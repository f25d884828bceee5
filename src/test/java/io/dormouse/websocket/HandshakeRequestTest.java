package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server is asked for, and which subprotocol it chooses. */
class HandshakeRequestTest {
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
}
