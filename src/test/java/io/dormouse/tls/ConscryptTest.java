package io.dormouse.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.support.TlsServer;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS with Conscrypt's engines, which are Android's: an app gives their context. They are left out
 * where Conscrypt has no native library for the machine.
 */
class ConscryptTest {
  private static Provider conscrypt; // not one of the process's: other tests go on with the JDK's

  private final Registries app = new Registries();
  private final StateLog log = new StateLog();
  private final CountDownLatch over = new CountDownLatch(1);

  @BeforeAll
  static void load() {
    try {
      conscrypt =
          Class.forName("org.conscrypt.OpenSSLProvider")
              .asSubclass(Provider.class)
              .getConstructor()
              .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      abort("Conscrypt does not work on this machine, so nothing of it is tested: " + why);
    }
  }

  @AfterEach
  void end() {
    over.countDown();
    app.close();
  }

  /** The trust manager is Conscrypt's too: the JDK's does not know what it names TLS 1.3's. */
  private static SSLContext trusting(HeldCertificate authority, KeyManager... own) {
    try {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      authorities.setCertificateEntry("authority", authority.certificate());
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX", conscrypt);
      factory.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS", conscrypt);
      context.init(own, factory.getTrustManagers(), new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private TcpBuilder to(int port, HeldCertificate authority, KeyManager... own) {
    SSLContext context = trusting(authority, own);
    return app.registry()
        .tcp("telemetry")
        .connectTo("localhost", port)
        .tls(tls -> tls.sslContext(context))
        .onStateChange(log);
  }

  private static ByteBuffer noise(int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int i = 0; i < size; i++) {
      bytes.put(i, (byte) (i * 31 + (i >> 10)));
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whatIsSentComesBackAndASessionIsGoneOnWith(String version) {
    try (TlsServer server = new TlsServer(version, TlsServer::echo)) {
      ByteBuffer sent = noise(300_000);
      ByteBuffer came = ByteBuffer.allocate(2 * sent.remaining());
      TcpConnection tcp =
          to(server.port(), Certificates.AUTHORITY)
              .onData(
                  (connection, bytes) -> {
                    synchronized (came) {
                      came.put(bytes);
                    }
                  })
              .register();
      for (int life = 1; life <= 2; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        assertThat(tcp.tlsSession().orElseThrow().protocol()).isEqualTo(version);
        assertThat(tcp.tlsSession().orElseThrow().isResumed()).isEqualTo(life == 2);
        Await.get(tcp.send(sent.duplicate()));
        Await.until(
            "all comes back",
            () -> {
              synchronized (came) {
                return came.position() == sent.remaining();
              }
            });
        assertThat(came.flip()).isEqualTo(sent);
        came.clear();
        assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void messagesComeBackFromNetty(String version) {
    SSLContext context = trusting(Certificates.AUTHORITY);
    BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();
    try (NettyTlsServer server = new NettyTlsServer(version, true)) {
      WebSocketConnection chat =
          app.registry()
              .webSocket("chat")
              .connectTo("wss://localhost:" + server.port() + "/")
              .tls(tls -> tls.sslContext(context))
              .onBinary((ws, data) -> received.add(data))
              .register();
      app.foreground();
      Await.get(chat.whenOpen());
      for (int size : new int[] {0, 1, 16_384, 16_385, 1 << 20}) {
        Await.get(chat.sendBinary(noise(size)));
        assertThat(Await.next(received)).isEqualTo(noise(size));
      }
      assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
    }
  }

  private CloseReason failed(HeldCertificate authority, HeldCertificate certificate) {
    try (TlsServer server = new TlsServer(Certificates.server(certificate), TlsServer::echo)) {
      TcpConnection unused = to(server.port(), authority).register();
      app.foreground();
      CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
      return reason;
    }
  }

  @Test
  void anUnknownAuthority() {
    HeldCertificate other = new HeldCertificate.Builder().certificateAuthority(0).build();
    CloseReason reason = failed(other, Certificates.LOCALHOST);
    assertThat(reason.detail()).isEqualTo("the server's certificate is of an unknown authority");
    assertThat(reason.cause().orElseThrow()).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aCertificateForAnother() {
    HeldCertificate other = Certificates.signed().addSubjectAlternativeName("a.example").build();
    assertThat(failed(Certificates.AUTHORITY, other).detail())
        .isEqualTo("the server's certificate is not for localhost, but for a.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateThatIsWanted(String version) {
    try (TlsServer server =
        new TlsServer(
            Certificates.server(Certificates.LOCALHOST).sslContext(),
            socket -> {
              socket.setEnabledProtocols(new String[] {version});
              socket.setNeedClientAuth(true);
            },
            TlsServer::echo)) {
      TcpConnection unused = to(server.port(), Certificates.AUTHORITY).register();
      app.foreground();
      assertThat(log.await(ConnectionState.FAILED).reason().orElseThrow())
          .hasToString("TLS_FAILED (the server wants a client certificate, and there is none)");
    }
  }

  /** Once it has failed, the session of this engine names no certificate of ours any more. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateThatIsNotAccepted(String version) {
    HeldCertificate own = new HeldCertificate.Builder().build();
    try (TlsServer server =
        new TlsServer(
            Certificates.refusingClients(),
            socket -> {
              socket.setEnabledProtocols(new String[] {version});
              socket.setNeedClientAuth(true);
            },
            TlsServer::echo)) {
      TcpConnection unused =
          to(server.port(), Certificates.AUTHORITY, Certificates.server(own).keyManager())
              .register();
      app.foreground();
      assertThat(log.await(ConnectionState.FAILED).reason().orElseThrow().detail())
          .startsWith("the server does not accept the client certificate (");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aCutIsNoEnd(String version) {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (TlsServer server =
        new TlsServer(
            version,
            (socket, below) -> {
              socket.getOutputStream().write("words".getBytes(US_ASCII));
              below.shutdownOutput(); // no close_notify
              Await.hold(over);
            })) {
      TcpConnection unused =
          to(server.port(), Certificates.AUTHORITY)
              .onData((tcp, bytes) -> received.add(Texts.text(bytes)))
              .register();
      app.foreground();
      CloseReason cut = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(cut.kind()).isEqualTo(Kind.NETWORK_LOST);
      assertThat(cut.detail()).contains("without TLS's close_notify");
      assertThat(Texts.next(received)).isEqualTo("words");
    }
  }
}
