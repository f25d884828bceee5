package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.TlsOptions;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.Logged;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.TlsServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which TLS may fail has a sentence of its own, and is not tried again blindly. */
class TlsFailureTest {
  private final Registries app = new Registries();
  private final StateLog log = new StateLog();
  private final List<AutoCloseable> servers = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void end() throws Exception {
    over.countDown();
    for (AutoCloseable server : servers) {
      server.close();
    }
    app.close();
  }

  private TlsServer serve(TlsServer server) {
    servers.add(server);
    return server;
  }

  private TlsServer serve(HeldCertificate certificate) {
    return serve(new TlsServer(Certificates.server(certificate), TlsServer::echo));
  }

  private RawServer serveRaw() {
    RawServer server = new RawServer();
    servers.add(server);
    return server;
  }

  private static HeldCertificate valid(Instant from, Instant to) {
    return Certificates.signed()
        .addSubjectAlternativeName("localhost")
        .validityInterval(from.toEpochMilli(), to.toEpochMilli())
        .build();
  }

  private TcpBuilder to(String host, int port, Consumer<TlsOptions> options) {
    return app.registry().tcp("telemetry").connectTo(host, port).tls(options).onStateChange(log);
  }

  private static void trusting(TlsOptions options) {
    options.sslContext(Certificates.client().sslContext());
  }

  /** Returns why the connection gave up. */
  private CloseReason failed(TcpBuilder builder) {
    TcpConnection unused = builder.register();
    app.foreground();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
    assertThat(reason.cause()).isPresent();
    assertThat(log.changes()).filteredOn(c -> c.to() == ConnectionState.CONNECTING).hasSize(1);
    return reason;
  }

  private CloseReason failed(TlsServer server) {
    CloseReason reason = failed(to("localhost", server.port(), TlsFailureTest::trusting));
    assertThat(OsSockets.connectedTo(server.port())).isZero();
    return reason;
  }

  // --------------------------------------------------------------------------- the server's
  // certificate

  @Test
  void anExpiredCertificate() {
    Instant now = Instant.now();
    HeldCertificate expired = valid(now.minusSeconds(7_200), now.minusSeconds(3_600));
    assertThat(failed(serve(expired)).detail()).isEqualTo("the server's certificate has expired");
  }

  @Test
  void aCertificateThatIsNotYetValid() {
    Instant now = Instant.now();
    HeldCertificate early = valid(now.plusSeconds(3_600), now.plusSeconds(7_200));
    assertThat(failed(serve(early)).detail())
        .isEqualTo("the server's certificate is not yet valid");
  }

  @Test
  void anUnknownAuthority() {
    HeldCertificate self =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    assertThat(failed(serve(self)).detail())
        .isEqualTo("the server's certificate is of an unknown authority");
  }

  @Test
  void anAuthorityThatThePlatformDoesNotKnow() {
    TlsServer server = serve(Certificates.LOCALHOST);
    assertThat(failed(to("localhost", server.port(), options -> {})).detail())
        .isEqualTo("the server's certificate is of an unknown authority");
  }

  @Test
  void aRefusedServerIsToldWhy() {
    CompletableFuture<String> told = new CompletableFuture<>();
    TlsServer server =
        serve(
            new TlsServer(
                (socket, below) -> {
                  try {
                    socket.startHandshake();
                    int unused = socket.getInputStream().read();
                  } catch (IOException e) {
                    told.complete(e.getMessage());
                  }
                }));
    CloseReason unused = failed(to("localhost", server.port(), options -> {}));
    assertThat(Await.get(told)).contains("certificate_unknown");
  }

  @ParameterizedTest
  @CsvSource({"localhost", "127.0.0.1"})
  void aCertificateForAnother(String host) {
    HeldCertificate other =
        Certificates.signed()
            .commonName(host) // which nobody looks at any more
            .addSubjectAlternativeName("a.example")
            .addSubjectAlternativeName("192.0.2.1")
            .build();
    TlsServer server = serve(other);
    CloseReason reason = failed(to(host, server.port(), TlsFailureTest::trusting));
    assertThat(reason.detail())
        .isEqualTo(
            "the server's certificate is not for " + host + ", but for a.example, 192.0.2.1");
  }

  @Test
  void anAddressIsNoNameAndANameNoAddress() {
    HeldCertificate named = Certificates.signed().addSubjectAlternativeName("localhost").build();
    TlsServer server = serve(named);
    assertThat(failed(to("127.0.0.1", server.port(), TlsFailureTest::trusting)).detail())
        .isEqualTo("the server's certificate is not for 127.0.0.1, but for localhost");
  }

  @Test
  void aServerNameIsWhatTheCertificateMustHave() {
    HeldCertificate other = Certificates.signed().addSubjectAlternativeName("a.example").build();
    TlsServer server = serve(other);
    TcpConnection tcp =
        to(
                "127.0.0.1",
                server.port(),
                options -> {
                  trusting(options);
                  options.serverName("a.example");
                })
            .register();
    app.foreground();
    Await.get(tcp.whenOpen());
  }

  @Test
  void whoeverAcceptsAnyNameIsWarned() {
    HeldCertificate other = Certificates.signed().addSubjectAlternativeName("a.example").build();
    TlsServer server = serve(other);
    try (Logged logged = new Logged()) {
      TcpConnection tcp =
          to(
                  "localhost",
                  server.port(),
                  options -> {
                    trusting(options);
                    options.insecurelyAcceptAnyHostName();
                  })
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(logged.text()).contains("WARN", "telemetry: INSECURE");
    }
  }

  // -------------------------------------------------------------------------------------------
  // pins

  private TcpBuilder pinned(TlsServer server, String pin) {
    HandshakeCertificates client = Certificates.client();
    return to(
        "localhost",
        server.port(),
        options ->
            options
                .sslContext(client.sslContext(), client.trustManager())
                .certificatePinner(new CertificatePinner.Builder().add("localhost", pin).build()));
  }

  @Test
  void theRightPinIsAccepted() {
    TlsServer server = serve(Certificates.LOCALHOST);
    for (HeldCertificate held : List.of(Certificates.LOCALHOST, Certificates.AUTHORITY)) {
      TcpConnection tcp = pinned(server, CertificatePinner.pin(held.certificate())).register();
      app.foreground();
      Await.get(tcp.whenOpen());
      tcp.close();
      Await.until("the name is free", () -> app.registry().connections().isEmpty());
    }
  }

  @Test
  void aWrongPin() {
    HeldCertificate another = new HeldCertificate.Builder().build();
    TlsServer server = serve(Certificates.LOCALHOST);
    CloseReason reason = failed(pinned(server, CertificatePinner.pin(another.certificate())));
    assertThat(reason.detail()).isEqualTo("wrong pin: none of the server's certificates is pinned");
  }

  /** It may send any certificates besides its own, and so the pinned one of another. */
  @Test
  void aServerDoesNotGetByWithThePinnedCertificateOfAnother() {
    HeldCertificate pinned = new HeldCertificate.Builder().commonName("pinned").build();
    HandshakeCertificates own = Certificates.server(Certificates.LOCALHOST);
    SSLContext sendsMore =
        Certificates.context("TLS", new AlsoSends(own.keyManager(), pinned), own.trustManager());
    TlsServer server = serve(new TlsServer(sendsMore, socket -> {}, TlsServer::echo));
    CloseReason reason = failed(pinned(server, CertificatePinner.pin(pinned.certificate())));
    assertThat(reason.detail()).startsWith("wrong pin");
  }

  /** The certificate of another behind our own. */
  private static final class AlsoSends extends X509ExtendedKeyManager {
    private final X509KeyManager own;
    private final X509Certificate more;

    AlsoSends(X509KeyManager own, HeldCertificate more) {
      this.own = own;
      this.more = more.certificate();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      X509Certificate[] chain = own.getCertificateChain(alias);
      X509Certificate[] longer = Arrays.copyOf(chain, chain.length + 1);
      longer[chain.length] = more;
      return longer;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return own.getPrivateKey(alias);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return own.getServerAliases(type, issuers);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return own.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return own.getClientAliases(type, issuers);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return own.chooseClientAlias(types, issuers, socket);
    }
  }

  @Test
  void pinsForAContextNeedItsTrustManager() {
    assertThatThrownBy(
            () ->
                to(
                    "localhost",
                    1,
                    options ->
                        options
                            .sslContext(Certificates.client().sslContext())
                            .certificatePinner(CertificatePinner.DEFAULT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("telemetry: pins need the trust manager");
  }

  // ------------------------------------------------------------------------- the client's
  // certificate

  private TlsServer wantingClients(String version) {
    return serve(
        new TlsServer(
            Certificates.server(Certificates.LOCALHOST).sslContext(),
            socket -> {
              socket.setEnabledProtocols(new String[] {version});
              socket.setNeedClientAuth(true);
            },
            TlsServer::echo));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateThatIsWanted(String version) {
    TlsServer server = wantingClients(version);
    TcpConnection unused = to("localhost", server.port(), TlsFailureTest::trusting).register();
    app.foreground();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason)
        .hasToString("TLS_FAILED (the server wants a client certificate, and there is none)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateThatIsNotAccepted(String version) {
    HeldCertificate own = new HeldCertificate.Builder().build();
    HandshakeCertificates client =
        new HandshakeCertificates.Builder()
            .heldCertificate(own)
            .addTrustedCertificate(Certificates.AUTHORITY.certificate())
            .build();
    TlsServer server =
        serve(
            new TlsServer(
                Certificates.refusingClients(),
                socket -> {
                  socket.setEnabledProtocols(new String[] {version});
                  socket.setNeedClientAuth(true);
                },
                TlsServer::echo));
    TcpConnection unused =
        to("localhost", server.port(), o -> o.sslContext(client.sslContext())).register();
    app.foreground();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.detail()).startsWith("the server does not accept the client certificate (");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientCertificateIsGiven(String version) {
    HandshakeCertificates client =
        new HandshakeCertificates.Builder()
            .heldCertificate(Certificates.signed().commonName("client").build())
            .addTrustedCertificate(Certificates.AUTHORITY.certificate())
            .build();
    TlsServer server = wantingClients(version);
    CompletableFuture<String> echoed = new CompletableFuture<>();
    TcpConnection tcp =
        to("localhost", server.port(), o -> o.sslContext(client.sslContext()))
            .onData((c, bytes) -> echoed.complete(US_ASCII.decode(bytes).toString()))
            .register();
    app.foreground();
    Await.get(tcp.whenOpen());
    Await.get(tcp.send("hello"));
    assertThat(Await.get(echoed)).isEqualTo("hello");
  }

  // ------------------------------------------------------------------------------------- no TLS

  @Test
  void noVersionInCommon() {
    TlsServer server = serve(new TlsServer("TLSv1.3", TlsServer::echo));
    CloseReason reason =
        failed(to("localhost", server.port(), o -> o.sslContext(Certificates.upTo("TLSv1.2"))));
    assertThat(reason.detail()).startsWith("no version of TLS in common");
  }

  private CloseReason answered(byte[] answer) throws Exception {
    RawServer server = serveRaw();
    TcpConnection unused = to("127.0.0.1", server.port(), options -> {}).register();
    app.foreground();
    Socket peer = server.next();
    int first = peer.getInputStream().read();
    assertThat(first).isEqualTo(22);
    peer.getOutputStream().write(answer);
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
    return reason;
  }

  /** As one that is just being stopped says it: close_notify, alone or after user_canceled. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aServerThatEndsTheHandshakeInOrderIsTriedAgain(int canceled) throws Exception {
    RawServer server = serveRaw();
    TcpConnection unused = to("127.0.0.1", server.port(), options -> {}).register();
    app.foreground();
    Socket peer = server.next();
    int first = peer.getInputStream().read();
    assertThat(first).isEqualTo(22);
    for (int i = 0; i < canceled; i++) {
      peer.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 1, 90});
    }
    peer.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 1, 0});
    peer.shutdownOutput();
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason)
        .hasToString("CONNECT_FAILED (the server ended the connection during the TLS handshake)");
  }

  /** RFC 8446, section 6: a fatal alert, protocol_version. */
  @Test
  void aServerWithOlderVersionsOnly() throws Exception {
    assertThat(answered(new byte[] {21, 3, 1, 0, 2, 2, 70}).detail())
        .startsWith("no version of TLS in common");
  }

  @Test
  void aServerThatTakesAnOlderVersion() throws Exception {
    // A ServerHello of TLS 1.1, with a cipher suite of its time.
    byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 2 + 1];
    byte[] head = {22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2};
    System.arraycopy(head, 0, hello, 0, head.length);
    hello[44] = (byte) 0xC0;
    hello[45] = 0x13;
    assertThat(answered(hello).detail()).startsWith("no version of TLS in common");
  }

  @Test
  void noCipherSuiteInCommon() throws Exception {
    assertThat(answered(new byte[] {21, 3, 3, 0, 2, 2, 40}).detail())
        .isEqualTo(
            "the server has no cipher suite in common with us, or wants a client certificate"
                + " (handshake_failure)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n", "x"})
  void plainTextOnTheOtherSide(String words) throws Exception {
    assertThat(answered(words.getBytes(US_ASCII)).detail())
        .isEqualTo("the other side does not speak TLS, it has sent plain text");
  }

  @Test
  void aServerThatSendsTheHelloBack() throws Exception {
    RawServer server = serveRaw();
    TcpConnection unused = to("127.0.0.1", server.port(), options -> {}).register();
    app.foreground();
    Socket peer = server.next();
    byte[] bytes = new byte[10_000];
    int count = peer.getInputStream().read(bytes);
    peer.getOutputStream().write(bytes, 0, count);
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.TLS_FAILED);
    assertThat(reason.cause()).containsInstanceOf(SSLException.class);
  }

  // ----------------------------------------------------------------------- what time may heal

  @Test
  void aStallIsTriedAgain() {
    RawServer server = serveRaw();
    TcpConnection unused =
        to("127.0.0.1", server.port(), options -> {})
            .connectTimeout(Duration.ofMillis(300))
            .register();
    app.foreground();
    CloseReason reason = log.await(ConnectionState.WAITING, 2).reason().orElseThrow();
    assertThat(reason)
        .hasToString("TLS_FAILED (a stall in the TLS handshake: the server does not answer)");
    assertThat(reason.cause()).containsInstanceOf(SocketTimeoutException.class);
  }

  /** Returns a context whose trust manager returns when the test is over. */
  private SSLContext hanging(CountDownLatch asked) {
    return Certificates.context(
        "TLS",
        Certificates.client().keyManager(),
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {
            asked.countDown();
            Await.hold(over);
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        });
  }

  @Test
  void aTrustManagerThatHangsIsAStallOfItsOwnAndHoldsUpNobody() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    SSLContext hangs = hanging(asked);
    TlsServer server = serve(Certificates.LOCALHOST);
    for (int i = 0; i < 40; i++) {
      TcpConnection unused =
          app.registry()
              .tcp("hangs-" + i)
              .connectTo("localhost", server.port())
              .tls(o -> o.sslContext(hangs))
              .connectTimeout(Duration.ofSeconds(20))
              .register();
    }
    app.foreground();
    Await.latch(asked);
    TcpConnection tcp = to("localhost", server.port(), TlsFailureTest::trusting).register();
    Await.get(tcp.whenOpen());
    assertThat(app.suspend().socketsLeft()).isZero();
  }

  @Test
  void aHandshakeThatHangsHereIsToldFromOneThatHangsThere() {
    SSLContext hangs = hanging(new CountDownLatch(1));
    TlsServer server = serve(Certificates.LOCALHOST);
    TcpConnection open =
        app.registry()
            .tcp("before")
            .connectTo("localhost", server.port())
            .tls(TlsFailureTest::trusting)
            .connectTimeout(Duration.ofSeconds(2))
            .register();
    app.foreground();
    Await.get(open.whenOpen());
    long generation = open.snapshot().generation();
    TcpConnection unused =
        to("localhost", server.port(), o -> o.sslContext(hangs))
            .connectTimeout(Duration.ofSeconds(2))
            .register();
    assertThat(log.await(ConnectionState.WAITING).reason().orElseThrow().detail())
        .contains("a stall in the TLS handshake: a trust manager or key manager");
    assertThat(open.state()).as("its handshake was done in time").isEqualTo(ConnectionState.OPEN);
    assertThat(open.snapshot().generation()).isEqualTo(generation);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatGoesAwayInTheHandshakeIsTriedAgain(boolean resets) throws Exception {
    RawServer server = serveRaw();
    TcpConnection unused = to("127.0.0.1", server.port(), options -> {}).register();
    app.foreground();
    Socket peer = server.next();
    byte[] bytes = new byte[10_000];
    assertThat(peer.getInputStream().read(bytes)).isPositive();
    if (resets) {
      TlsServer.reset(peer);
    } else {
      peer.close();
    }
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.CONNECT_FAILED);
    assertThat(reason.detail())
        .contains(resets ? "was lost during the TLS handshake" : "ended the connection during");
  }
}
