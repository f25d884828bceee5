package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.Registries;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Netty agrees with us anew in the middle: with TLS 1.2 on all, by a second handshake, with TLS 1.3
 * on new keys (RFC 8446, section 4.6.3).
 */
class AgreedAnewTest {
  private static final int ROUNDS = 32;
  private static final int SIZE = 40_000; // some records

  private final Registries app = new Registries();

  @AfterEach
  void end() {
    app.close();
  }

  private static ByteBuffer noise(int from) {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    for (int i = 0; i < SIZE; i++) {
      bytes.put(i, (byte) (from + i * 31 + (i >> 10)));
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bytesGoOnBothWays(String version) {
    try (NettyTlsServer server = new NettyTlsServer(version, false)) {
      server.agreeAnewAfter(5);
      ByteBuffer received = ByteBuffer.allocate((ROUNDS + 1) * SIZE);
      CompletableFuture<Void> all = new CompletableFuture<>();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("localhost", server.port())
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onData(
                  (connection, bytes) -> {
                    received.put(bytes);
                    if (received.position() >= ROUNDS * SIZE) {
                      all.complete(null);
                    }
                  })
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      for (int round = 0; round < ROUNDS; round++) {
        Await.get(tcp.send(noise(round)));
      }
      Void unused = Await.get(all);
      received.flip();
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(received.slice(round * SIZE, SIZE)).isEqualTo(noise(round));
      }
      assertThat(tcp.snapshot().generation()).isEqualTo(1);
      assertThat(server.agreedAnew()).isGreaterThan(1);
      assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void messagesGoOnBothWays(String version) {
    try (NettyTlsServer server = new NettyTlsServer(version, true)) {
      BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();
      WebSocketConnection chat =
          app.registry()
              .webSocket("chat")
              .connectTo("wss://localhost:" + server.port() + "/")
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onBinary((ws, data) -> received.add(data))
              .register();
      server.agreeAnewAfter(5);
      app.foreground();
      Await.get(chat.whenOpen());
      for (int round = 0; round < ROUNDS; round++) {
        Await.get(chat.sendBinary(noise(round)));
      }
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(Await.next(received)).isEqualTo(noise(round));
      }
      assertThat(chat.snapshot().generation()).isEqualTo(1);
      assertThat(server.agreedAnew()).isGreaterThan(1);
      assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
    }
  }
}
