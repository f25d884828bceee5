package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.SelectorLoop;
import io.dormouse.network.Endpoint;
import io.dormouse.network.TransportOptions;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.TlsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From an endpoint to a transport whose handshake is done, over the system's sockets. */
class SecureDialerTest {
  private final SelectorLoop loop = SelectorLoop.start("dormouse-test-io", () -> {});
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() throws InterruptedException {
    threads.shutdown();
    loop.stop();
    assertThat(loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Such as for lack of memory: nobody else knows of that socket. */
  @Test
  void whatIsSecureAndCouldNotBeTakenOverIsClosedByTheAbort() {
    CountDownLatch serverSawEnd = new CountDownLatch(1);
    try (TlsServer server =
        new TlsServer(
            (socket, below) -> {
              TlsServer.echo(socket, below);
              serverSawEnd.countDown();
            })) {
      TlsClient client =
          TlsClient.of("test", options -> options.sslContext(Certificates.client().sslContext()));
      CountDownLatch connected = new CountDownLatch(1);
      SecureDialer dialer =
          new SecureDialer(
              new TestAttempt(loop, threads),
              TransportOptions.standard(),
              () -> Optional.of(client),
              transport -> {
                connected.countDown();
                throw new OutOfMemoryError("on purpose");
              },
              reason -> {
                throw new AssertionError(reason);
              });
      InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
      loop.execute(() -> dialer.dial(Duration.ofMinutes(1).toNanos(), new Endpoint.Known(to)));
      Await.latch(connected);
      assertThat(Await.get(CompletableFuture.supplyAsync(dialer::openSockets, loop))).isEqualTo(1);
      loop.execute(dialer::abort);
      Await.latch(serverSawEnd);
      assertThat(Await.get(CompletableFuture.supplyAsync(dialer::openSockets, loop))).isZero();
    }
  }
}
