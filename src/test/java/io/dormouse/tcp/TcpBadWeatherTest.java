package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Rounds;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.TcpEchoServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A TCP connection whose peer, app or network misbehaves. */
class TcpBadWeatherTest {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration BUDGET = Duration.ofSeconds(2);

  @Test
  void aPeerThatNeverAnswersOurFinCostsTheCloseTimeoutAndNotMore() { // Java-WebSocket 1317
    try (RawServer server = new RawServer();
        Registries app =
            new Registries(
                options -> options.suspendBudget(BUDGET).closeTimeout(Duration.ofMillis(200)))) {
      TcpConnection tcp = open(app, server);
      server.next();
      SuspendReport report = app.suspend();
      assertThat(report.withinBudget()).as("%s", report).isTrue();
      assertThat(report.find("telemetry").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
    }
  }

  @Test
  void aPeerThatNeverReadsCostsTheBudgetAndWhatItDidNotTakeFails() {
    Rounds.untilInTime(
        "settled within the budget", TcpBadWeatherTest::settlesThoughThePeerNeverReads);
  }

  private static boolean settlesThoughThePeerNeverReads() {
    try (RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofMillis(500))) {
      TcpConnection tcp = open(app, server);
      server.next();
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      int size = 256 * 1024;
      for (int i = 0; i < 30; i++) { // 7.5 MiB: more than the kernel's buffers, less than our queue
        sends.add(tcp.send(ByteBuffer.allocate(size)));
      }
      SuspendReport report = app.suspend();
      SuspendReport.Entry entry = report.find("telemetry").orElseThrow();
      assertThat(entry.outcome()).isEqualTo(Outcome.ABORTED);
      int failed = 0;
      int partly = 0;
      for (CompletableFuture<Void> send : sends) {
        Await.until("each send has its outcome", send::isDone);
        if (send.isCompletedExceptionally()) {
          SendFailedException e = (SendFailedException) Await.failure(send);
          assertThat(e.reason().kind()).isEqualTo(CloseReason.Kind.SUSPENDED);
          failed++;
          partly += e.partlyWritten() ? 1 : 0;
        }
      }
      assertThat(failed).isPositive();
      assertThat(partly).isLessThanOrEqualTo(1);
      assertThat(entry.unsentMessages()).isEqualTo(failed);
      assertThat(entry.unsentBytes()).isEqualTo((long) failed * size);
      return report.withinBudget();
    }
  }

  @Test
  void lingerZeroResetsAndLingerLimitsTheWaitForThePeer() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      app.registry()
          .tcp("resets")
          .connectTo(LOOPBACK, server.port())
          .linger(Duration.ZERO)
          .register();
      app.foreground();
      Await.get(app.registry().find("resets").orElseThrow().whenOpen());
      Socket peer = server.next();
      assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
      assertThat(catchThrowable(() -> peer.getInputStream().read())).hasMessageContaining("reset");
      app.registry()
          .tcp("waits")
          .connectTo(LOOPBACK, server.port())
          .linger(Duration.ofMillis(20))
          .register();
      app.foreground();
      Await.get(app.registry().find("waits").orElseThrow().whenOpen());
      SuspendReport report = app.suspend();
      assertThat(report.find("waits").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    }
  }

  @Test
  void stopPreemptsAConnectThatHangs() throws Exception { // Scarlet 118
    try (DeafServer server = new DeafServer();
        Registries app = new Registries(Duration.ofSeconds(40))) {
      StateLog log = new StateLog();
      app.registry()
          .tcp("telemetry")
          .connectTo(LOOPBACK, server.port())
          .onStateChange(log)
          .register();
      app.foreground();
      Await.until("SYN sent", () -> OsSockets.connectedTo(server.port()) > server.ownClients());
      SuspendReport report = app.suspend();
      assertThat(report.took()).as("a connect has 10 s").isLessThan(Duration.ofSeconds(5));
      assertThat(report.find("telemetry").orElseThrow().outcome()).isEqualTo(Outcome.WAS_NOT_OPEN);
      assertThat(OsSockets.connectedTo(server.port())).isEqualTo(server.ownClients());
      log.await(ConnectionState.SUSPENDED);
    }
  }

  @Test
  void aConnectThatHangsEndsAtItsTimeout() throws Exception {
    try (DeafServer server = new DeafServer();
        Registries app = new Registries()) {
      StateLog log = new StateLog();
      app.registry()
          .tcp("telemetry")
          .connectTo(LOOPBACK, server.port())
          .connectTimeout(Duration.ofMillis(100))
          .onStateChange(log)
          .register();
      app.foreground();
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.CONNECT_TIMEOUT);
    }
  }

  @Test
  void silenceEndsTheConnectionAtTheIdleTimeoutAndTrafficDoesNot() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      StateLog log = new StateLog();
      CountDownLatch received = new CountDownLatch(20);
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .idleTimeout(Duration.ofMillis(500))
              .onData((connection, bytes) -> received.countDown())
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Socket peer = server.next();
      while (received.getCount() > 0) {
        long left = received.getCount();
        peer.getOutputStream().write(1);
        Await.until("the byte has come", () -> received.getCount() < left);
      }
      assertThat(log.states()).doesNotContain(ConnectionState.WAITING);
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.IDLE_TIMEOUT);
    }
  }

  @Test
  void aResetIsToldApartFromAnOrderlyEnd() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Socket first = server.next();
      first.setSoLinger(true, 0);
      first.close();
      assertThat(log.await(ConnectionState.WAITING).reason().orElseThrow().kind())
          .isEqualTo(CloseReason.Kind.PEER_RESET);
      log.await(ConnectionState.OPEN, 2);
      server.next().close();
      assertThat(log.await(ConnectionState.WAITING, 2).reason().orElseThrow().kind())
          .isEqualTo(CloseReason.Kind.PEER_CLOSED);
    }
  }

  @Test
  void aSlowCallbackStopsTheReadingAndLosesNothing() throws Exception {
    int limit = 128 * 1024;
    try (RawServer server = new RawServer();
        Registries app =
            new Registries(options -> options.receiveBufferLimit(limit).suspendBudget(BUDGET))) {
      CountDownLatch release = new CountDownLatch(1);
      AtomicLong taken = new AtomicLong();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .receiveBufferSize(32 * 1024)
              .onData(
                  (connection, bytes) -> {
                    Await.hold(release);
                    taken.addAndGet(bytes.remaining());
                  })
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Socket peer = server.next();
      peer.setSendBufferSize(32 * 1024);
      long total = 16L << 20;
      AtomicLong written = new AtomicLong();
      Thread writer =
          new Thread(
              () -> {
                try {
                  OutputStream out = peer.getOutputStream();
                  byte[] chunk = new byte[64 * 1024];
                  while (written.get() < total) {
                    out.write(chunk);
                    written.addAndGet(chunk.length);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      writer.setDaemon(true);
      writer.start();
      Await.until("reading has stopped", () -> tcp.snapshot().bytesIn() >= limit);
      // At most one buffer beyond the limit is read, whatever the peer sends.
      assertThat(tcp.snapshot().bytesIn()).isLessThanOrEqualTo(limit + 64 * 1024);
      assertThat(written.get()).isLessThan(total);
      release.countDown();
      Await.until("all has come", () -> taken.get() == total);
    }
  }

  @Test
  void aSlowPeerDoesNotFillTheHeap() { // what is queued is bounded
    int limit = 1 << 20;
    try (RawServer server = new RawServer();
        Registries app =
            new Registries(
                options -> options.sendQueueLimit(limit).suspendBudget(Duration.ofMillis(200)))) {
      TcpConnection tcp = open(app, server);
      server.next();
      long accepted = 0;
      Throwable refused = null;
      while (refused == null) {
        CompletableFuture<Void> send = tcp.send(ByteBuffer.allocate(64 * 1024));
        if (send.isCompletedExceptionally()) {
          refused = Await.failure(send);
        }
        accepted += 64 * 1024;
        assertThat(accepted).as("bounded by kernel and limit").isLessThan(64L << 20);
      }
      assertThat(refused)
          .isInstanceOf(SendQueueFullException.class)
          .hasMessageContaining("telemetry: send of 65536 bytes refused");
    }
  }

  @Test
  void blockingAndThrowingCallbacksHurtOnlyTheirOwnConnection() { // promise 8
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      CountDownLatch release = new CountDownLatch(1);
      CountDownLatch othersHeard = new CountDownLatch(20);
      List<TcpConnection> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        boolean blocks = i % 2 == 0;
        all.add(
            app.registry()
                .tcp("connection-" + i)
                .connectTo(LOOPBACK, server.port())
                .onData(
                    (connection, bytes) -> {
                      if (blocks) {
                        Await.hold(release);
                      } else {
                        othersHeard.countDown();
                      }
                      throw new IllegalStateException("a callback's own problem");
                    })
                .register());
      }
      app.foreground();
      for (TcpConnection tcp : all) {
        Await.get(tcp.whenOpen());
        Await.get(tcp.send(Texts.bytes("hello")));
      }
      Await.latch(othersHeard);
      SuspendReport report = app.suspend();
      assertThat(report.count(Outcome.CLOSED_CLEANLY)).as("%s", report).isEqualTo(40);
      release.countDown();
    }
  }

  @Test
  void aCallbackMayCloseItsConnectionAndTheRegistry() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      CountDownLatch closed = new CountDownLatch(1);
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .onData(
                  (connection, bytes) -> {
                    connection.close();
                    app.registry().close();
                    closed.countDown();
                  })
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Await.get(tcp.send(Texts.bytes("hello")));
      Await.latch(closed);
      log.await(ConnectionState.CLOSED);
    }
  }

  @Test
  void aNameWithoutAnAddressIsUnresolved() {
    try (Registries app = new Registries()) {
      StateLog log = new StateLog();
      app.registry().tcp("telemetry").connectTo("nowhere.invalid", 9).onStateChange(log).register();
      app.foreground();
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.UNRESOLVED);
      assertThat(reason.detail()).isEqualTo("nowhere.invalid has no address");
    }
  }

  private static TcpEchoServer started() {
    TcpEchoServer server = new TcpEchoServer();
    server.start();
    return server;
  }

  private static TcpConnection open(Registries app, RawServer server) {
    TcpConnection tcp =
        app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  /** Listens, but its queue of connections is full: on Linux a further SYN gets no answer. */
  private static final class DeafServer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> clients = new ArrayList<>();

    DeafServer() throws IOException {
      listener = new ServerSocket();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      for (int i = 0; i < 2; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort()));
      }
    }

    int port() {
      return listener.getLocalPort();
    }

    int ownClients() {
      return clients.size();
    }

    @Override
    public void close() throws IOException {
      for (Socket client : clients) {
        client.close();
      }
      listener.close();
    }
  }
}
