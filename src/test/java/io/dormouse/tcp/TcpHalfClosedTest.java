package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A peer that ends its side after its last words may still read (RFC 9293, section 3.6). */
class TcpHalfClosedTest {
  private static final int LONG = 6 << 20; // more than the system's buffers hold

  /** The kernel's number of the state. */
  private static final int CLOSE_WAIT = 8;

  private final RawServer server = new RawServer();
  private final Registries app = new Registries();
  private final StateLog log = new StateLog();

  @AfterEach
  void end() {
    server.close(); // first, or the app would wait for the peers' FINs
    app.close();
  }

  private TcpConnection open(BiConsumer<TcpConnection, ByteBuffer> onData) {
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData(onData)
            .onStateChange(log)
            .register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  /** Waits until the loop has read the peer's end, as far as that can be known from outside. */
  private void awaitPeersEnd() {
    if (OsSockets.isAvailable()) {
      Await.until("the system has the peer's end", () -> OsSockets.count(this::isHalfClosed) == 1);
    }
    for (int i = 0; i < 2; i++) { // the first iteration may have looked at sockets before that
      Await.get(app.registry().settled());
    }
  }

  private boolean isHalfClosed(OsSockets.OsSocket socket) {
    return socket.remotePort() == server.port() && socket.state() == CLOSE_WAIT;
  }

  private void assertEndedByThePeer() {
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PEER_CLOSED);
  }

  @Test
  void thePeersLastRequestIsAnswered() throws Exception {
    CompletableFuture<CompletableFuture<Void>> answer = new CompletableFuture<>();
    open((tcp, bytes) -> answer.complete(tcp.send(Texts.bytes("to " + Texts.text(bytes)))));
    Socket peer = server.next();
    peer.getOutputStream().write("request".getBytes(UTF_8));
    peer.shutdownOutput();
    assertThat(peer.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("to request");
    Await.get(Await.get(answer));
    assertEndedByThePeer();
  }

  @Test
  void aSlowAnswerIsWaitedFor() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    open(
        (tcp, bytes) -> {
          asked.countDown();
          Await.hold(release);
          var unused = tcp.send(Texts.bytes("at last"));
        });
    Socket peer = server.next();
    peer.getOutputStream().write(1);
    Await.latch(asked);
    peer.shutdownOutput();
    awaitPeersEnd();
    release.countDown();
    assertThat(peer.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("at last");
    assertEndedByThePeer();
  }

  @Test
  void whatWasAcceptedBeforeThePeersEndReachesItInFull() throws Exception {
    TcpConnection tcp = open((it, bytes) -> {});
    Socket peer = server.next();
    CompletableFuture<Void> sent = tcp.send(ByteBuffer.allocate(LONG));
    peer.shutdownOutput();
    assertThat(peer.getInputStream().readAllBytes()).hasSize(LONG);
    Await.get(sent);
    assertEndedByThePeer();
  }

  @Test
  void aPeerThatEndsWithoutAWordEndsTheConnection() throws Exception {
    open((it, bytes) -> {});
    Socket peer = server.next();
    peer.shutdownOutput();
    assertThat(peer.getInputStream().read()).as("our FIN").isEqualTo(-1);
    assertEndedByThePeer();
  }

  @Test
  void aSuspendOfAHalfClosedConnectionIsClean() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    open(
        (tcp, bytes) -> {
          asked.countDown();
          Await.hold(release);
        });
    Socket peer = server.next();
    peer.getOutputStream().write(1);
    peer.shutdownOutput();
    Await.latch(asked);
    awaitPeersEnd();
    assertThat(app.suspend().count(Outcome.CLOSED_CLEANLY)).isEqualTo(1);
    assertThat(peer.getInputStream().read()).as("our FIN").isEqualTo(-1);
    release.countDown();
  }

  @Test
  void whatTheAppBringsForAFullyClosedPeerEndsTheConnection() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    open(
        (tcp, bytes) -> {
          asked.countDown();
          Await.hold(release);
          var unused = tcp.send(ByteBuffer.allocate(LONG));
        });
    Socket peer = server.next();
    peer.getOutputStream().write(1);
    Await.latch(asked);
    peer.close();
    release.countDown();
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isIn(CloseReason.Kind.PEER_CLOSED, CloseReason.Kind.PEER_RESET);
  }
}
