package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.StateChange;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.task.LongRunningTask;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A TCP connection in good weather. */
class TcpTest {
  private static final String LOOPBACK = "127.0.0.1";

  /** For tests whose peer does not answer our FIN. */
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void sleepsAndWakesAgainAndAgainWithTrafficEachTime() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      BlockingQueue<String> received = new LinkedBlockingQueue<>();
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("localhost", server.port())
              .onData((connection, bytes) -> received.add(Texts.text(bytes)))
              .onStateChange(log)
              .register();
      for (int i = 1; i <= 100; i++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        Await.get(tcp.send(Texts.bytes("hello " + i)));
        assertThat(Texts.next(received)).isEqualTo("hello " + i);
        SuspendReport report = app.suspend();
        assertThat(report.count(Outcome.CLOSED_CLEANLY)).as("%s", report).isEqualTo(1);
        assertThat(report.socketsLeft()).isZero();
        assertThat(OsSockets.connectedTo(server.port())).isZero();
        app.registry().assertQuiescent();
      }
      assertThat(tcp.snapshot().generation()).isEqualTo(100);
      tcp.close();
      log.await(ConnectionState.CLOSED);
      assertThat(log.states().subList(0, 6))
          .containsExactly(
              ConnectionState.SUSPENDED,
              ConnectionState.CONNECTING,
              ConnectionState.PREPARING,
              ConnectionState.OPEN,
              ConnectionState.DRAINING,
              ConnectionState.SUSPENDED);
    }
  }

  @Test
  void whatWasAcceptedBeforeTheGateReachesThePeerInFull() throws Exception {
    int chunks = 64;
    int size = 64 * 1024;
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      TcpConnection tcp = open(app, server);
      Socket peer = server.next();
      CompletableFuture<?>[] sends = new CompletableFuture<?>[chunks];
      for (int i = 0; i < chunks; i++) {
        ByteBuffer chunk = ByteBuffer.allocate(size);
        chunk.putInt(0, i);
        sends[i] = tcp.send(chunk);
      }
      app.background();
      InputStream in = peer.getInputStream();
      for (int i = 0; i < chunks; i++) {
        byte[] chunk = in.readNBytes(size);
        assertThat(ByteBuffer.wrap(chunk).getInt()).isEqualTo(i);
      }
      assertThat(in.read()).as("our FIN").isEqualTo(-1);
      peer.close();
      SuspendReport report = Await.get(app.registry().settled());
      assertThat(report.find("telemetry").orElseThrow().outcome())
          .isEqualTo(Outcome.CLOSED_CLEANLY);
      Await.get(CompletableFuture.allOf(sends));
    }
  }

  @Test
  void sendingWhileAsleepIsRefusedWithTheRemedy() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      Throwable refused = Await.failure(tcp.send(Texts.bytes("too early")));
      assertThat(refused)
          .isInstanceOf(NotOpenException.class)
          .hasMessage(
              "telemetry: not open but SUSPENDED; it comes back with the foreground, or with a"
                  + " long-running task that covers it; whenOpen() tells when");
    }
  }

  @Test
  void aTaskKeepsTheConnectionItCoversAndOnlyThat() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      BlockingQueue<String> received = new LinkedBlockingQueue<>();
      TcpConnection kept =
          app.registry()
              .tcp("kept")
              .connectTo(LOOPBACK, server.port())
              .onData((connection, bytes) -> received.add(Texts.text(bytes)))
              .register();
      TcpConnection other =
          app.registry().tcp("other").connectTo(LOOPBACK, server.port()).register();
      app.foreground();
      Await.get(kept.whenOpen());
      Await.get(other.whenOpen());
      LongRunningTask upload = app.registry().startTask("upload", task -> task.covering(kept));
      SuspendReport report = app.suspend();
      assertThat(report.find("kept").orElseThrow().keptBy()).contains("upload");
      assertThat(report.find("other").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(OsSockets.connectedTo(server.port())).isEqualTo(1);
      app.registry().assertQuiescent();
      Await.get(kept.send(Texts.bytes("still here")));
      assertThat(Texts.next(received)).isEqualTo("still here");
      upload.close();
      report = Await.get(app.registry().settled());
      assertThat(report.find("kept").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      assertThat(kept.snapshot().lastReason().orElseThrow().kind())
          .isEqualTo(CloseReason.Kind.TASK_ENDED);
    }
  }

  @Test
  void aTaskThatStartsInTheBackgroundWakesWhatItCovers() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      try (LongRunningTask sync = app.registry().startTask("sync")) {
        Await.get(tcp.whenOpen());
        assertThat(sync.covered()).isEmpty();
      }
      Await.get(app.registry().settled());
      assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  @Test
  void comesBackByItselfWhenThePeerDoes() {
    TcpEchoServer server = started();
    try (Registries app = new Registries()) {
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      server.stop();
      StateChange ended = log.await(ConnectionState.WAITING);
      assertThat(ended.reason().orElseThrow().kind())
          .isIn(CloseReason.Kind.PEER_CLOSED, CloseReason.Kind.PEER_RESET);
      StateChange refused = log.await(ConnectionState.WAITING, 2);
      assertThat(refused.reason().orElseThrow().kind()).isEqualTo(CloseReason.Kind.CONNECT_FAILED);
      assertThat(refused.reason().orElseThrow().detail())
          .isEqualTo("connect to 127.0.0.1:" + server.port() + ": Connection refused");
      server.start();
      log.await(ConnectionState.OPEN, 2);
    } finally {
      server.close();
    }
  }

  @Test
  void theAddressIsAskedForAnewAtEachAttempt() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      AtomicInteger asked = new AtomicInteger();
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(
                  () -> {
                    if (asked.incrementAndGet() < 3) {
                      throw new IllegalStateException("no address yet");
                    }
                    return InetSocketAddress.createUnresolved(LOOPBACK, server.port());
                  })
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(asked).hasValue(3);
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);
      assertThat(reason.cause().orElseThrow()).hasMessage("no address yet");
    }
  }

  @Test
  void theOpeningGoesFirstAndOthersWaitOutside() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries(SHORT)) {
      CompletableFuture<Void> signedIn = new CompletableFuture<>();
      StateLog log = new StateLog();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .prepare(
                  Duration.ofSeconds(20),
                  sender -> sender.send(Texts.bytes("sign in;")).thenCompose(sent -> signedIn))
              .onStateChange(log)
              .register();
      app.foreground();
      Socket peer = server.next();
      assertThat(peer.getInputStream().readNBytes(8)).isEqualTo("sign in;".getBytes(UTF_8));
      assertThat(tcp.state()).isEqualTo(ConnectionState.PREPARING);
      assertThat(Await.failure(tcp.send(Texts.bytes("me first"))))
          .isInstanceOf(NotOpenException.class);
      signedIn.complete(null);
      Await.get(tcp.whenOpen());
      Await.get(tcp.send(Texts.bytes("traffic")));
      assertThat(peer.getInputStream().readNBytes(7)).isEqualTo("traffic".getBytes(UTF_8));
    }
  }

  @Test
  void anOpeningThatFailsIsAFailedAttempt() {
    try (TcpEchoServer server = started();
        Registries app = new Registries()) {
      StateLog log = new StateLog();
      AtomicInteger attempts = new AtomicInteger();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .prepare(
                  Duration.ofMillis(200),
                  sender ->
                      switch (attempts.incrementAndGet()) {
                        case 1 -> throw new IllegalStateException("no token");
                        case 2 -> new CompletableFuture<Void>(); // never
                        default -> sender.send(Texts.bytes("sign in"));
                      })
              .onStateChange(log)
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      CloseReason threw = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(threw.kind()).isEqualTo(CloseReason.Kind.PREPARE_FAILED);
      assertThat(threw.cause().orElseThrow()).hasMessage("no token");
      CloseReason late = log.await(ConnectionState.WAITING, 2).reason().orElseThrow();
      assertThat(late.kind()).isEqualTo(CloseReason.Kind.PREPARE_FAILED);
    }
  }

  @Test
  void bindsToTheAddressItIsTold() {
    try (RawServer server = new RawServer();
        Registries app = new Registries(SHORT)) {
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo(LOOPBACK, server.port())
              .bind(new InetSocketAddress("127.0.0.2", 0))
              .noDelay(false)
              .keepAlive(true)
              .sendBufferSize(16 * 1024)
              .receiveBufferSize(16 * 1024)
              .register();
      assertThat(tcp.localAddress()).isEmpty();
      app.foreground();
      Await.get(tcp.whenOpen());
      Socket peer = server.next();
      assertThat(((InetSocketAddress) peer.getRemoteSocketAddress()).getAddress().getHostAddress())
          .isEqualTo("127.0.0.2");
      assertThat(tcp.localAddress().orElseThrow().getPort()).isEqualTo(peer.getPort());
      assertThat(tcp.remoteAddress().orElseThrow())
          .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    }
  }

  @Test
  void pauseResumeAndCloseWorkApartFromTheLifecycle() { // Scarlet 48
    try (TcpEchoServer server = started();
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
      tcp.pause();
      log.await(ConnectionState.SUSPENDED);
      app.suspend();
      app.foreground();
      assertThat(Await.get(app.registry().resumed()).connections()).isEmpty();
      assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
      tcp.resume();
      log.await(ConnectionState.OPEN, 2);
      tcp.close();
      tcp.close();
      log.await(ConnectionState.CLOSED);
      assertThat(app.registry().find("telemetry")).isEmpty();
      Await.until("the socket is gone", () -> OsSockets.connectedTo(server.port()) == 0);
      assertThat(Await.failure(tcp.whenOpen())).isInstanceOf(NotOpenException.class);
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
}
