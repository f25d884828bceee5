package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.TlsSession;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.Handshakes;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import io.dormouse.support.TlsServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that are gone on with, as the library tells it and as the server counts it. */
class TlsResumptionTest {
  private final Registries app = new Registries(Duration.ofSeconds(2));
  private final CountDownLatch over = new CountDownLatch(1);
  private final Handshakes handshakes = new Handshakes();
  private final SSLContext context = Certificates.client().sslContext();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

  @AfterEach
  void end() {
    over.countDown();
    app.close();
  }

  private TlsServer serve(String version, TlsServer.Play play) {
    return new TlsServer(
        version,
        (socket, below) -> {
          long came = System.currentTimeMillis();
          socket.startHandshake();
          handshakes.add(came, socket.getSession());
          play.play(socket, below);
        });
  }

  private TcpConnection to(int port) {
    return app.registry()
        .tcp("telemetry")
        .connectTo("localhost", port)
        .tls(tls -> tls.sslContext(context))
        .onData((tcp, bytes) -> received.add(Texts.text(bytes)))
        .register();
  }

  private static boolean isResumed(TcpConnection tcp) {
    return tcp.tlsSession().map(TlsSession::isResumed).orElseThrow();
  }

  /** Ten WebSockets too, and what the whole registry has counted. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theRegistryCountsThoseOfAllItsConnections(String version) {
    List<NettyTlsServer> servers = new ArrayList<>();
    List<Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        NettyTlsServer server = new NettyTlsServer(version, true);
        servers.add(server);
        all.add(
            app.registry()
                .webSocket("chat-" + i)
                .connectTo("wss://localhost:" + server.port() + "/")
                .tls(tls -> tls.sslContext(context))
                .register());
      }
      for (int life = 1; life <= 3; life++) {
        app.foreground();
        all.forEach(chat -> Await.get(chat.whenOpen()));
        RegistrySnapshot now = app.registry().snapshot();
        assertThat(now.handshakes()).isEqualTo(10L * life);
        assertThat(now.resumedHandshakes()).isEqualTo(10L * (life - 1));
        app.suspend();
      }
      servers.forEach(server -> server.handshakes().await(3, 1));
    } finally {
      servers.forEach(NettyTlsServer::close);
    }
  }

  private void roundTrip(TcpConnection tcp) {
    Await.get(tcp.send(Texts.bytes("hello")));
    assertThat(Texts.next(received)).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void eachReturnResumesAndTheServerCountsTheSame(String version) {
    try (TlsServer server = serve(version, TlsServer::echo)) {
      TcpConnection tcp = to(server.port());
      for (int life = 1; life <= 5; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        roundTrip(tcp);
        assertThat(isResumed(tcp)).isEqualTo(life > 1);
        handshakes.await(life, 1);
        assertThat(tcp.snapshot().handshakes()).isEqualTo(life);
        assertThat(tcp.snapshot().resumedHandshakes()).isEqualTo(life - 1);
        assertThat(tcp.snapshot().toString())
            .contains("TLS handshakes " + life + ", resumed " + (life - 1));
        assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nettyCountsTheSame(String version) {
    try (NettyTlsServer server = new NettyTlsServer(version, false)) {
      TcpConnection tcp = to(server.port());
      for (int life = 1; life <= 3; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        roundTrip(tcp);
        assertThat(isResumed(tcp)).isEqualTo(life > 1);
        server.handshakes().await(life, 1);
        assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      }
    }
  }

  /** With TLS 1.3 the server's offer comes behind the handshake, and must be read. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void oneThatIsSentToSleepAtOnceIsResumedToo(String version) {
    try (TlsServer server = serve(version, TlsServer::echo)) {
      TcpConnection tcp = to(server.port());
      for (int life = 1; life <= 10; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        assertThat(isResumed(tcp)).isEqualTo(life > 1);
        assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      }
      handshakes.await(10, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void oneThatHadToBeCutIsResumedToo(String version) {
    try (TlsServer server =
        serve(
            version,
            (socket, below) -> {
              socket.getOutputStream().write(Texts.bytes("hello").array());
              Await.hold(over); // and answers no end
            })) {
      TcpConnection tcp = to(server.port());
      for (int life = 1; life <= 3; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        assertThat(Texts.next(received)).isEqualTo("hello");
        assertThat(isResumed(tcp)).isEqualTo(life > 1);
        assertThat(app.suspend().count(Outcome.ABORTED)).isEqualTo(1);
      }
      handshakes.await(3, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aSessionOfAnotherUserOfTheContextIsResumed(String version) throws Exception {
    try (TlsServer server = serve(version, TlsServer::echo)) {
      try (SSLSocket other =
          (SSLSocket) context.getSocketFactory().createSocket("localhost", server.port())) {
        other.getOutputStream().write('x');
        int unused = other.getInputStream().read();
      }
      TcpConnection tcp = to(server.port());
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(isResumed(tcp)).isTrue();
      handshakes.await(2, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aServerThatHasForgottenItDoesAllAnew(String version) {
    try (TlsServer server = serve(version, TlsServer::echo)) {
      TcpConnection tcp = to(server.port());
      app.foreground();
      Await.get(tcp.whenOpen());
      roundTrip(tcp);
      server.forgetSessions();
      app.suspend();
      app.foreground();
      Await.get(tcp.whenOpen());
      roundTrip(tcp);
      assertThat(isResumed(tcp)).isFalse();
      handshakes.await(2, 2);
      app.suspend();
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(isResumed(tcp)).isTrue();
      handshakes.await(3, 2);
    }
  }
}
