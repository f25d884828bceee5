package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.TlsOptions;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.Logged;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.TlsServer;
import io.dormouse.support.servers.TcpEchoServer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.cert.CRLReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import okhttp3.CertificatePinner;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What code of the app's says of a server's certificate, and what it may hold up. */
class TlsTrustTest {
  private final Registries app = new Registries();
  private final StateLog log = new StateLog();
  private final CountDownLatch over = new CountDownLatch(1);
  private final TlsServer server = new TlsServer(TlsServer::echo);

  @AfterEach
  void end() {
    over.countDown();
    server.close();
    app.close();
  }

  /** Says of every certificate the same. */
  private interface Opinion extends X509TrustManager {
    @Override
    default void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    default X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private TcpConnection register(String host, Consumer<TlsOptions> options) {
    return app.registry()
        .tcp("telemetry")
        .connectTo(host, server.port())
        .tls(options)
        .onStateChange(log)
        .register();
  }

  private CloseReason failed(String host, Consumer<TlsOptions> options) {
    TcpConnection unused = register(host, options);
    app.foreground();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
    return reason;
  }

  private CloseReason failed(Opinion opinion) {
    SSLContext context = Certificates.context("TLS", Certificates.client().keyManager(), opinion);
    return failed("localhost", tls -> tls.sslContext(context));
  }

  @Test
  void aRevokedCertificate() {
    CertificateRevokedException revoked =
        new CertificateRevokedException(
            Date.from(Instant.EPOCH),
            CRLReason.KEY_COMPROMISE,
            new X500Principal("CN=a"),
            Map.of());
    CloseReason reason =
        failed(
            (chain, type) -> {
              throw new CertificateException("somewhere above", revoked);
            });
    assertThat(reason.detail()).isEqualTo("the server's certificate was revoked");
  }

  @Test
  void whatATrustManagerSaysElseIsTold() {
    CloseReason reason =
        failed(
            (chain, type) -> {
              throw new CertificateException("not on a Sunday");
            });
    assertThat(reason.detail())
        .isEqualTo("the server's certificate is not accepted: not on a Sunday");
  }

  /** What is wrong there may hold a secret, as all that code of the app's throws. */
  @Test
  void aTrustManagerThatBreaksIsNamedAndNotQuoted() {
    try (Logged logged = new Logged()) {
      CloseReason reason =
          failed(
              (chain, type) -> {
                throw new IllegalStateException("s3cret");
              });
      assertThat(reason.toString()).doesNotContain("s3cret");
      assertThat(logged.text()).doesNotContain("s3cret");
    }
  }

  @Test
  void aClassThatATrustManagerLacksIsNamed() {
    CloseReason reason =
        failed(
            (chain, type) -> {
              throw new NoClassDefFoundError("a/B");
            });
    assertThat(reason.detail()).isEqualTo("java.lang.NoClassDefFoundError");
  }

  private static CertificatePinner pinsOfAnother() {
    HeldCertificate another = new HeldCertificate.Builder().build();
    return new CertificatePinner.Builder()
        .add("localhost", CertificatePinner.pin(another.certificate()))
        .build();
  }

  /** RFC 4343, and RFC 1034, section 3.1, for a host that is written out to the root. */
  @ParameterizedTest
  @ValueSource(strings = {"LocalHost", "localhost."})
  void pinsAreThoseOfTheHostHoweverItIsWritten(String host) {
    HandshakeCertificates client = Certificates.client();
    CertificatePinner pins = pinsOfAnother();
    TcpConnection unused =
        app.registry()
            .tcp("telemetry")
            .connectTo(host, server.port())
            .dns(name -> List.of(InetAddress.getLoopbackAddress()))
            .tls(
                tls ->
                    tls.sslContext(client.sslContext(), client.trustManager())
                        .certificatePinner(pins))
            .onStateChange(log)
            .register();
    app.foreground();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.detail()).startsWith("wrong pin");
  }

  @Test
  void pinsAreCheckedThoughAnyNameIsAccepted() {
    HandshakeCertificates client = Certificates.client();
    CertificatePinner pins = pinsOfAnother();
    CloseReason reason =
        failed(
            "localhost",
            tls ->
                tls.sslContext(client.sslContext(), client.trustManager())
                    .certificatePinner(pins)
                    .insecurelyAcceptAnyHostName());
    assertThat(reason.detail()).startsWith("wrong pin");
  }

  /** Any name is not any certificate. */
  @Test
  void anUnknownAuthorityIsRefusedThoughAnyNameIsAccepted() {
    CloseReason reason = failed("localhost", TlsOptions::insecurelyAcceptAnyHostName);
    assertThat(reason.detail()).isEqualTo("the server's certificate is of an unknown authority");
  }

  @Test
  void aHandshakeDoesNotWaitForCallbacksOfTheApp() {
    int count = 100;
    CountDownLatch blocked = new CountDownLatch(count);
    try (TcpEchoServer plain = new TcpEchoServer()) {
      plain.start();
      for (int i = 0; i < count; i++) {
        TcpConnection unused =
            app.registry()
                .tcp("blocked-" + i)
                .connectTo("127.0.0.1", plain.port())
                .onOpen(
                    tcp -> {
                      blocked.countDown();
                      Await.hold(over);
                    })
                .register();
      }
      app.foreground();
      Await.latch(blocked);
      TcpConnection tcp =
          register("localhost", tls -> tls.sslContext(Certificates.client().sslContext()));
      Await.until("it is open", () -> tcp.state() == ConnectionState.OPEN);
      over.countDown();
    }
  }

  /** A step of a handshake that a suspend overtakes holds up neither it nor the next one. */
  @Test
  void aSuspendDoesNotWaitForATrustManager() {
    CountDownLatch asked = new CountDownLatch(1);
    Opinion slow =
        (chain, type) -> {
          asked.countDown();
          Await.hold(over);
        };
    SSLContext context = Certificates.context("TLS", Certificates.client().keyManager(), slow);
    TcpConnection tcp = register("localhost", tls -> tls.sslContext(context));
    app.foreground();
    Await.latch(asked);
    assertThat(app.suspend().took()).isLessThan(Duration.ofSeconds(2));
    assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
    over.countDown();
    app.foreground();
    Await.get(tcp.whenOpen());
  }

  private static String[] suite(String name) {
    return new String[] {name};
  }

  /** The JDK's engine holds a lock while it asks, which nobody else may wait for. */
  @Test
  void aTrustManagerThatHangsWhenAllIsAgreedAnewHoldsUpNoSuspend() {
    CountDownLatch asked = new CountDownLatch(2);
    Opinion slowAgain =
        (chain, type) -> {
          asked.countDown();
          if (asked.getCount() == 0) {
            Await.hold(over);
          }
        };
    SSLContext context =
        Certificates.context("TLSv1.2", Certificates.client().keyManager(), slowAgain);
    try (TlsServer anew =
        new TlsServer(
            "TLSv1.2",
            (socket, below) -> {
              socket.setEnabledCipherSuites(suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
              int unusedByte = socket.getInputStream().read();
              socket.setEnabledCipherSuites(suite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"));
              socket.startHandshake(); // can't resume
              int unused = socket.getInputStream().read();
            })) {
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("localhost", anew.port())
              .tls(tls -> tls.sslContext(context))
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Await.get(tcp.send(ByteBuffer.allocate(1)));
      Await.latch(asked);
      assertThat(app.suspend().took()).isLessThan(Duration.ofSeconds(3));
      over.countDown();
    }
  }
}
