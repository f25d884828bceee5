package io.dormouse.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.TlsServer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets over TLS. */
class WssTest {
  private final App app = new App();
  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void end() {
    over.countDown();
    app.close();
  }

  private WebSocketBuilder chat(String host, int port) {
    return app.registry
        .webSocket(App.NAME)
        .connectTo("wss://" + host + ":" + port + "/")
        .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
        .noPings()
        .onStateChange(app.steps);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void messagesOfAllSizesComeBackFromNetty(String version) {
    try (NettyTlsServer server = new NettyTlsServer(version, true)) {
      BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();
      WebSocketConnection chat =
          chat("localhost", server.port()).onBinary((ws, data) -> received.add(data)).register();
      Await.get(chat.whenOpen());
      assertThat(chat.tlsSession().orElseThrow().protocol()).isEqualTo(version);
      for (int size : new int[] {0, 1, 125, 126, 16_383, 16_384, 16_385, 65_536, 5 << 20}) {
        ByteBuffer message = ByteBuffer.allocate(size);
        for (int i = 0; i < size; i++) {
          message.put(i, (byte) (i * 31 + (i >> 10)));
        }
        Await.get(chat.sendBinary(message.duplicate()));
        assertThat(Await.next(received)).isEqualTo(message);
      }
      assertThat(app.suspendEntry().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  @Test
  void aSleepIsToldByWebSocketAndByTls() throws Exception {
    CompletableFuture<Integer> code = new CompletableFuture<>();
    CompletableFuture<Integer> end = new CompletableFuture<>();
    try (TlsServer server =
        new TlsServer(
            (socket, below) -> {
              HandPeer peer = HandPeer.over(socket).open();
              HandPeer.Frame frame = peer.read(HandPeer.CLOSE);
              code.complete(frame.code());
              peer.write(HandPeer.closeFrame(frame.code()));
              end.complete(socket.getInputStream().read());
            })) {
      WebSocketConnection chat = chat("127.0.0.1", server.port()).register();
      Await.get(chat.whenOpen());
      assertThat(app.suspendEntry().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(Await.get(code)).isEqualTo(1001);
      assertThat(Await.get(end)).isEqualTo(-1);
    }
  }

  @Test
  void theHostHeaderHasNoPortThatGoesWithoutSaying() {
    Request secure = Request.checked("chat", URI.create("wss://h.example:443/"), Map.of());
    assertThat(secure.host()).isEqualTo("h.example");
    assertThat(secure.endpoint().getPort()).isEqualTo(443);
    Request other = Request.checked("chat", URI.create("wss://h.example:80/"), Map.of());
    assertThat(other.host()).isEqualTo("h.example:80");
    Request plain = Request.checked("chat", URI.create("ws://h.example/"), Map.of());
    assertThat(plain.endpoint().getPort()).isEqualTo(80);
    assertThat(plain.secure()).isFalse();
  }

  @Test
  void aSupplierDecidesAnewWhetherOverTls() {
    try (RawServer plain = new RawServer();
        NettyTlsServer secure = new NettyTlsServer("TLSv1.3", true)) {
      AtomicInteger asked = new AtomicInteger();
      WebSocketConnection chat =
          chat("unused", 1)
              .connectTo(
                  () ->
                      URI.create(
                          asked.incrementAndGet() == 1
                              ? "ws://127.0.0.1:" + plain.port()
                              : "wss://localhost:" + secure.port()))
              .register();
      HandPeer peer = HandPeer.accept(plain);
      app.steps.await(ConnectionState.OPEN, 1);
      assertThat(chat.tlsSession()).isEmpty();
      peer.close();
      app.steps.await(ConnectionState.OPEN, 2);
      assertThat(chat.tlsSession()).isPresent();
    }
  }

  @Test
  void aBadCertificateIsNotTriedAgain() {
    try (NettyTlsServer server = new NettyTlsServer("TLSv1.3", true)) {
      WebSocketConnection unused =
          app.registry
              .webSocket(App.NAME)
              .connectTo("wss://localhost:" + server.port())
              .onStateChange(app.steps)
              .register(); // the platform does not know this authority
      assertThat(app.reasonOf(ConnectionState.FAILED).kind()).isEqualTo(Kind.TLS_FAILED);
    }
  }

  /** With TLS 1.3 the server looks at it when we have asked for a WebSocket already. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateThatIsWantedIsNamedAndNotTriedAgain(String version) {
    try (TlsServer server =
        new TlsServer(
            Certificates.server(Certificates.LOCALHOST).sslContext(),
            socket -> {
              socket.setEnabledProtocols(new String[] {version});
              socket.setNeedClientAuth(true);
            },
            TlsServer::echo)) {
      WebSocketConnection unused = chat("localhost", server.port()).register();
      assertThat(app.reasonOf(ConnectionState.FAILED))
          .hasToString("TLS_FAILED (the server wants a client certificate, and there is none)");
    }
  }

  @Test
  void whatIsWrongWithACertificateIsSaidAsForTcp() {
    try (TlsServer server =
        new TlsServer(
            Certificates.server(
                Certificates.signed().addSubjectAlternativeName("a.example").build()),
            TlsServer::echo)) {
      WebSocketConnection unused = chat("localhost", server.port()).register();
      assertThat(app.reasonOf(ConnectionState.FAILED).detail())
          .startsWith("the server's certificate is not for localhost");
    }
  }

  @Test
  void plainTextOnTheOtherSideIsSaidToo() throws Exception {
    try (RawServer server = new RawServer()) {
      WebSocketConnection unused = chat("127.0.0.1", server.port()).register();
      server.next().getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
      assertThat(app.reasonOf(ConnectionState.FAILED))
          .hasToString("TLS_FAILED (the other side does not speak TLS, it has sent plain text)");
    }
  }

  @Test
  void aStallIsTriedAgain() {
    try (RawServer server = new RawServer()) {
      WebSocketConnection unused =
          chat("127.0.0.1", server.port()).connectTimeout(Duration.ofMillis(300)).register();
      assertThat(app.reasonOf(ConnectionState.WAITING))
          .hasToString("TLS_FAILED (a stall in the TLS handshake: the server does not answer)");
      app.steps.await(ConnectionState.CONNECTING, 2);
    }
  }

  @Test
  void aCutIsNoOrderlyEnd() {
    try (TlsServer server =
        new TlsServer(
            (socket, below) -> {
              HandPeer.over(socket).open();
              below.shutdownOutput();
              Await.hold(over);
            })) {
      WebSocketConnection unused = chat("127.0.0.1", server.port()).register();
      assertThat(app.reasonOf(ConnectionState.WAITING).kind()).isEqualTo(Kind.NETWORK_LOST);
    }
  }
}
