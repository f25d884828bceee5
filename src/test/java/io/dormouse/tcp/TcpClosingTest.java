package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What closing means for bytes that are under way. */
class TcpClosingTest {
  private static final int UNREAD = 128 * 1024;

  private final RawServer server = new RawServer();
  private final Registries app =
      new Registries(
          options -> options.receiveBufferLimit(UNREAD).suspendBudget(Duration.ofSeconds(20)));
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void end() {
    release.countDown();
    app.close();
    server.close();
  }

  /** Registers a connection whose callbacks take nothing until they are released. */
  private TcpConnection openAndStuck(StateLog log, AtomicLong taken) {
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData(
                (it, bytes) -> {
                  Await.hold(release);
                  taken.addAndGet(bytes.remaining());
                })
            .onStateChange(log)
            .retryPolicy(ended -> Decision.giveUp())
            .register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  /** Sends more than is read, and closes in an orderly way at our FIN. */
  private static CompletableFuture<Void> sendMuchAndCloseAtTheEnd(Socket peer, int length) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            peer.getOutputStream().write(new byte[length]);
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
            peer.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> new Thread(task, "peer").start());
  }

  @Test
  void aPeerThatBehavesIsClosedCleanlyThoughTheAppIsBehind() throws Exception {
    TcpConnection tcp = openAndStuck(new StateLog(), new AtomicLong());
    CompletableFuture<Void> peer = sendMuchAndCloseAtTheEnd(server.next(), 8 << 20);
    Await.until("reading has stopped", () -> tcp.snapshot().bytesIn() >= UNREAD);
    SuspendReport report = app.suspend();
    Await.get(peer);
    assertThat(report.find("telemetry").orElseThrow().outcome())
        .as("%s", report)
        .isEqualTo(Outcome.CLOSED_CLEANLY);
    // Far from the budget: the peer answers at once.
    assertThat(report.took()).isLessThan(Duration.ofSeconds(10));
  }

  /** Bytes that nobody takes any more come before the peer's end, and would hide it. */
  @Test
  void thePeerSeesOurEndAndNoResetWhileItStillSends() throws Exception {
    openAndStuck(new StateLog(), new AtomicLong());
    Socket peer = server.next();
    CompletableFuture<Void> sending = sendMuchAndCloseAtTheEnd(peer, 8 << 20);
    app.suspend();
    Await.get(sending);
  }

  @Test
  void atTheEndOfTheBudgetThePeerIsReset() throws Exception {
    try (Registries hasty = new Registries(Duration.ofMillis(200))) {
      TcpConnection tcp =
          hasty.registry().tcp("telemetry").connectTo("127.0.0.1", server.port()).register();
      hasty.foreground();
      Await.get(tcp.whenOpen());
      Socket peer = server.next();
      assertThat(hasty.suspend().count(Outcome.ABORTED)).isEqualTo(1);
      Await.until("a reset, after the FIN", () -> catchThrowable(() -> probe(peer)) != null);
    }
  }

  private static void probe(Socket peer) throws IOException {
    peer.getOutputStream().write(1);
  }

  /** Reading had been stopped, so it is our write that meets the peer's reset. */
  @Test
  void whatCameBeforeAResetIsDeliveredThoughAWriteMeetsItFirst() throws Exception {
    AtomicLong taken = new AtomicLong();
    StateLog log = new StateLog();
    TcpConnection tcp = openAndStuck(log, taken);
    Socket peer = server.next();
    Await.get(tcp.send(ByteBuffer.allocate(1)));
    int more = 32 * 1024; // which our system holds
    peer.getOutputStream().write(new byte[UNREAD + more]);
    // What each piece costs besides its bytes counts too.
    Await.until("reading has stopped", () -> tcp.snapshot().bytesIn() >= UNREAD - more / 2);
    Await.until("our byte is there", () -> available(peer) == 1);
    peer.close(); // with our byte unread: a reset
    var unused = tcp.send(ByteBuffer.allocate(1));
    release.countDown();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PEER_RESET);
    assertThat(taken).hasValue(UNREAD + more);
  }

  private static int available(Socket peer) {
    try {
      return peer.getInputStream().available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
