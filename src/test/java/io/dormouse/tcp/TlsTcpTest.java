package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.support.TlsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A TCP connection over TLS, to the JDK's own sockets. */
class TlsTcpTest {
  private static final int MEBIBYTE = 1 << 20;

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

  private TcpBuilder to(TlsServer server) {
    return app.registry()
        .tcp("telemetry")
        .connectTo("localhost", server.port())
        .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
        .onStateChange(log);
  }

  private TcpConnection opened(TcpBuilder builder) {
    TcpConnection tcp = builder.register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sleepsAndWakesAgainAndAgainWithTrafficEachTime(String version) {
    TlsServer server = serve(new TlsServer(version, TlsServer::echo));
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    TcpConnection tcp =
        to(server).onData((connection, bytes) -> received.add(Texts.text(bytes))).register();
    for (int i = 1; i <= 20; i++) {
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(tcp.tlsSession().orElseThrow().protocol()).isEqualTo(version);
      assertThat(tcp.tlsSession().orElseThrow().isResumed()).isEqualTo(i > 1);
      Await.get(tcp.send(Texts.bytes("hello " + i)));
      assertThat(Texts.next(received)).isEqualTo("hello " + i);
      SuspendReport report = app.suspend();
      assertThat(report.count(Outcome.CLOSED_CLEANLY)).as("%s", report).isEqualTo(1);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThat(tcp.tlsSession()).isEmpty();
      app.registry().assertQuiescent();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void muchGoesBothWaysAtOnceAndComesWhole(String version) {
    TlsServer server = serve(new TlsServer(version, TlsServer::echo));
    int total = 32 * MEBIBYTE;
    Patterned got = new Patterned(total);
    TcpConnection tcp = opened(to(server).onData(got));
    long sent = 0;
    while (sent < total) {
      int size = (int) Math.min(total - sent, 1 + (sent * 7) % 100_000);
      Await.get(tcp.send(patterned(sent, size)));
      sent += size;
    }
    got.awaitAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void muchGoesToNettyAndBack(String version) {
    try (NettyTlsServer server = new NettyTlsServer(version, false)) {
      int total = 8 * MEBIBYTE;
      Patterned got = new Patterned(total);
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("127.0.0.1", server.port())
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onData(got)
              .register();
      for (int life = 1; life <= 2; life++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        assertThat(tcp.tlsSession().orElseThrow().isResumed()).isEqualTo(life == 2);
        if (life == 1) {
          Await.get(tcp.send(patterned(0, total)));
          got.awaitAll();
        }
        assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      }
    }
  }

  /** TLS 1.2 has all agreed anew, TLS 1.3 only new keys. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aPeerThatAgreesAnewInTheMiddleLosesNothing(String version) {
    TlsServer server =
        serve(
            new TlsServer(
                version,
                (socket, below) -> {
                  InputStream in = socket.getInputStream();
                  byte[] bytes = new byte[16 << 10];
                  int count = 0;
                  for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
                    socket.getOutputStream().write(bytes, 0, n);
                    if (count++ % 16 == 0) {
                      socket.startHandshake();
                    }
                  }
                }));
    int total = MEBIBYTE;
    Patterned got = new Patterned(total);
    TcpConnection tcp = opened(to(server).onData(got));
    for (int i = 0; i < 16; i++) {
      Await.get(tcp.send(patterned(i * 65_536L, 65_536)));
    }
    got.awaitAll();
    assertThat(tcp.snapshot().generation()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void tenHostsAreComeBackToWithTheirSessions(String version) {
    SSLContext context = Certificates.client().sslContext();
    List<TcpConnection> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      TlsServer server = serve(new TlsServer(version, TlsServer::echo));
      all.add(
          app.registry()
              .tcp("telemetry-" + i)
              .connectTo("localhost", server.port())
              .tls(tls -> tls.sslContext(context))
              .register());
    }
    for (boolean resumed : new boolean[] {false, true}) {
      app.foreground();
      for (TcpConnection tcp : all) {
        Await.get(tcp.whenOpen());
      }
      assertThat(all).allMatch(tcp -> tcp.tlsSession().orElseThrow().isResumed() == resumed);
      SuspendReport report = app.suspend();
      assertThat(report.count(Outcome.CLOSED_CLEANLY)).isEqualTo(10);
    }
  }

  /** What takes bytes that {@link #patterned} has made, in order. */
  private static final class Patterned implements BiConsumer<TcpConnection, ByteBuffer> {
    private final CompletableFuture<Void> all = new CompletableFuture<>();
    private final long total;
    private long received;

    Patterned(long total) {
      this.total = total;
    }

    @Override
    public void accept(TcpConnection connection, ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        if (bytes.get() != pattern(received)) {
          all.completeExceptionally(new AssertionError("byte " + received + " is another"));
        }
        received++;
      }
      if (received == total) {
        all.complete(null);
      }
    }

    void awaitAll() {
      Void unused = Await.get(all);
    }
  }

  private static byte pattern(long at) {
    return (byte) (at * 31 + (at >> 12));
  }

  private static ByteBuffer patterned(long from, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (int i = 0; i < size; i++) {
      bytes.put(pattern(from + i));
    }
    return bytes.flip();
  }

  @Test
  void anAppThatIsBehindHasThePeerWaitAndThenGetsAll() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    int total = 48 * MEBIBYTE;
    AtomicLong written = new AtomicLong();
    TlsServer server =
        serve(
            new TlsServer(
                (socket, below) -> {
                  OutputStream out = socket.getOutputStream();
                  for (int i = 0; i < total / 8192; i++) {
                    out.write(patterned(i * 8192L, 8192).array());
                    written.addAndGet(8192);
                  }
                  Await.hold(over);
                }));
    Patterned got = new Patterned(total);
    opened(
        to(server)
            .receiveBufferSize(64 << 10)
            .onData(
                (connection, bytes) -> {
                  Await.latch(goOn);
                  got.accept(connection, bytes);
                }));
    long[] before = {-1};
    Await.until(
        "the peer waits",
        () -> {
          long now = written.get();
          boolean stands = now > 0 && now == before[0];
          before[0] = now;
          return stands;
        });
    assertThat(written.get()).isLessThan(total);
    goOn.countDown();
    got.awaitAll();
  }

  @Test
  void whatWasAcceptedBeforeTheGateReachesAPeerThatReadsLate() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    CompletableFuture<byte[]> got = new CompletableFuture<>();
    TlsServer server =
        serve(
            new TlsServer(
                (socket, below) -> {
                  socket.startHandshake();
                  Await.latch(read);
                  got.complete(socket.getInputStream().readAllBytes());
                }));
    TcpConnection tcp = opened(to(server));
    int size = 6 * MEBIBYTE;
    CompletableFuture<Void> sent = tcp.send(patterned(0, size));
    app.background();
    read.countDown();
    assertThat(Await.get(got)).isEqualTo(patterned(0, size).array());
    Await.get(sent);
    SuspendReport report = Await.get(app.registry().settled());
    assertThat(report.find("telemetry").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  @Test
  void aPeerThatTakesNothingCostsTheBudgetAndItsSendFails() {
    try (Registries quick = new Registries(Duration.ofMillis(500))) {
      TlsServer server =
          serve(
              new TlsServer(
                  (socket, below) -> {
                    socket.startHandshake();
                    Await.hold(over);
                  }));
      TcpConnection tcp =
          quick
              .registry()
              .tcp("telemetry")
              .connectTo("127.0.0.1", server.port())
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .register();
      quick.foreground();
      Await.get(tcp.whenOpen());
      CompletableFuture<Void> sent = tcp.send(ByteBuffer.allocate(8 * MEBIBYTE));
      SuspendReport report = quick.suspend();
      assertThat(report.find("telemetry").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
      Throwable unused = Await.failure(sent);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  @Test
  void thePeersLastRequestIsAnsweredWithThirteen() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    TlsServer server =
        serve(
            new TlsServer(
                "TLSv1.3",
                (socket, below) -> {
                  socket.getOutputStream().write("request".getBytes(US_ASCII));
                  socket.shutdownOutput();
                  answer.complete(new String(socket.getInputStream().readAllBytes(), US_ASCII));
                }));
    opened(
        to(server)
            .onData(
                (tcp, bytes) -> {
                  CompletableFuture<Void> unused = tcp.send(Texts.bytes("to " + Texts.text(bytes)));
                }));
    assertThat(Await.get(answer)).isEqualTo("to request");
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PEER_CLOSED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anEndIsToldFromACut(String version) {
    AtomicInteger lives = new AtomicInteger();
    TlsServer server =
        serve(
            new TlsServer(
                version,
                (socket, below) -> {
                  socket.getOutputStream().write("words".getBytes(US_ASCII));
                  if (lives.incrementAndGet() == 1) {
                    socket.shutdownOutput();
                  } else {
                    below.shutdownOutput(); // no close_notify
                  }
                  Await.hold(over);
                }));
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    opened(to(server).onData((tcp, bytes) -> received.add(Texts.text(bytes))));
    CloseReason end = log.await(ConnectionState.WAITING, 1).reason().orElseThrow();
    CloseReason cut = log.await(ConnectionState.WAITING, 2).reason().orElseThrow();
    assertThat(end).hasToString("PEER_CLOSED");
    assertThat(cut.kind()).isEqualTo(CloseReason.Kind.NETWORK_LOST);
    assertThat(cut.detail()).contains("without TLS's close_notify");
    assertThat(Await.next(received)).isEqualTo("words");
    assertThat(Await.next(received)).as("what came before the cut").isEqualTo("words");
  }

  @Test
  void ourEndIsSaidByTlsAndByTcp() {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    TlsServer server =
        serve(
            new TlsServer(
                (socket, below) -> {
                  try {
                    end.complete(socket.getInputStream().read()); // throws if TLS did not say so
                  } catch (IOException e) {
                    end.completeExceptionally(e);
                  }
                }));
    opened(to(server));
    SuspendReport report = app.suspend();
    assertThat(Await.get(end)).isEqualTo(-1);
    assertThat(report.count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
  }

  @Test
  void aSuspendInTheMiddleOfAHandshakeIsAtOnce() throws Exception {
    RawServer server = new RawServer();
    servers.add(server);
    TcpConnection tcp =
        app.registry().tcp("telemetry").connectTo("127.0.0.1", server.port()).tls().register();
    app.foreground();
    Socket peer = server.next();
    InputStream in = peer.getInputStream();
    assertThat(in.read()).as("a record of a handshake").isEqualTo(22);
    SuspendReport report = app.suspend();
    assertThat(report.socketsLeft()).isZero();
    assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(OsSockets.connectedTo(server.port())).isZero();
    app.registry().assertQuiescent();
  }

  @Test
  void fourHundredTakeFourThreads() {
    int count = 400;
    TlsServer server = serve(new TlsServer(TlsServer::echo));
    SSLContext context = Certificates.client().sslContext();
    List<TcpConnection> all = new ArrayList<>();
    CountDownLatch answered = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      all.add(
          app.registry()
              .tcp("telemetry-" + i)
              .connectTo("127.0.0.1", server.port())
              .tls(tls -> tls.sslContext(context))
              .onData((tcp, bytes) -> answered.countDown())
              .register());
    }
    app.foreground();
    for (TcpConnection tcp : all) {
      Await.get(tcp.whenOpen());
    }
    for (TcpConnection tcp : all) {
      CompletableFuture<Void> unused = tcp.send(Texts.bytes("x"));
    }
    Await.latch(answered);
    Await.until("few threads", () -> OwnThreads.names().size() <= 4);
    SuspendReport report = app.suspend();
    assertThat(report.count(Outcome.CLOSED_CLEANLY)).isEqualTo(count);
  }
}
