package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.tcp.TcpConnection;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The app's background hook waits for this: how long a suspend takes, whatever hangs meanwhile. */
class SettleTimeTest {
  private static final String LOOPBACK = "127.0.0.1";

  /** Lets go of what hangs, before the registry is closed. */
  private interface Released extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits whatever happens, as code does that knows no interrupt. */
  private static void hang(CountDownLatch until) {
    boolean interrupted = false;
    while (until.getCount() > 0) {
      try {
        until.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a dead network is like: the peer neither answers nor refuses. */
  @Test
  void aPeerThatIsSilentWhenWeCloseCostsItsTimeAndNotTheBudget() {
    Duration budget = Duration.ofSeconds(40);
    try (RawServer server = new RawServer();
        Registries app = new Registries(budget)) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      app.foreground();
      Await.get(tcp.whenOpen());
      SuspendReport report = app.suspend();
      assertThat(report.count(Outcome.ABORTED)).isEqualTo(1);
      assertThat(report.took())
          .isGreaterThan(Duration.ofMillis(900))
          .isLessThan(budget.dividedBy(4));
      assertThat(OsSockets.connectedTo(server.port())).isZero();
    }
  }

  @Test
  void theTimeOfASilentPeerIsASetting() {
    try (RawServer server = new RawServer();
        Registries app =
            new Registries(
                options ->
                    options
                        .suspendBudget(Duration.ofSeconds(40))
                        .closeTimeout(Duration.ofMillis(50)))) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      app.foreground();
      Await.get(tcp.whenOpen());
      assertThat(app.suspend().took()).isLessThan(Duration.ofMillis(900));
    }
  }

  /**
   * The README's {@code awaitSettled(Duration.ofSeconds(4))} with the default budget of 4 s, where
   * everything hangs that can, on a machine that has no idle processor.
   */
  @Test
  void awaitSettledAsLongAsTheBudgetIsEnoughWhateverHangs() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicBoolean busy = new AtomicBoolean(true);
    try (RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofSeconds(4));
        Released released =
            () -> {
              busy.set(false);
              end.countDown();
            }) {
      assertThat(released).isNotNull();
      ConnectionRegistry registry = app.registry();
      TcpConnection frozen = registry.tcp("frozen").connectTo(LOOPBACK, server.port()).register();
      List<TcpConnection> blocked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        registry
            .tcp("hung supplier " + i)
            .connectTo(
                () -> {
                  hang(end);
                  return InetSocketAddress.createUnresolved(LOOPBACK, server.port());
                })
            .register();
        blocked.add(
            registry
                .tcp("blocked callback " + i)
                .connectTo(LOOPBACK, server.port())
                .onOpen(tcp -> hang(end))
                .register());
      }
      for (int i = 0; i < 2; i++) {
        Thread thread =
            new Thread(
                () -> {
                  while (busy.get()) {
                    Thread.onSpinWait();
                  }
                },
                "busy");
        thread.setDaemon(true);
        thread.start();
      }
      app.foreground();
      Await.get(frozen.whenOpen());
      blocked.forEach(tcp -> Await.get(tcp.whenOpen()));
      // More than the system takes while the peer doesn't read: the drain needs the whole budget.
      CompletableFuture<Void> unusedSend = frozen.send(ByteBuffer.allocate(8_000_000));
      Thread self = Thread.currentThread(); // which is told of a future that is done already
      Runnable hangElsewhere =
          () -> {
            if (Thread.currentThread() != self) {
              hang(end);
            }
          };
      for (int i = 0; i < 5; i++) {
        CompletableFuture<Void> unused = registry.settled().thenRun(hangElsewhere);
      }
      app.background();
      for (int i = 0; i < 5; i++) {
        CompletableFuture<Void> unused = registry.settled().thenRun(hangElsewhere);
      }
      long begin = System.nanoTime();
      boolean settled = registry.awaitSettled(Duration.ofSeconds(4));
      Duration waited = Duration.ofNanos(System.nanoTime() - begin);
      assertThat(settled).as("after " + waited).isTrue();
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      registry.assertQuiescent();
      SuspendReport report = Await.get(registry.settled());
      assertThat(report.withinBudget()).isTrue();
      assertThat(report.find("frozen").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
    }
  }

  /** More than there are ever threads for callbacks, so that none is left. */
  @Test
  void reportsComeThoughNoThreadIsLeftForCallbacks() {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begin = new CountDownLatch(1);
    AtomicInteger stuck = new AtomicInteger();
    try (RawServer server = new RawServer();
        Registries app = new Registries(options -> options.closeTimeout(Duration.ofMillis(200)));
        Released released =
            () -> {
              begin.countDown();
              end.countDown();
            }) {
      assertThat(released).isNotNull();
      ConnectionRegistry registry = app.registry();
      for (int i = 0; i < 600; i++) {
        registry
            .startTask(
                "revoked " + i,
                options ->
                    options.onRevoked(
                        task -> {
                          stuck.incrementAndGet();
                          hang(end);
                        }))
            .revoke();
      }
      Await.until("all callback threads are stuck", () -> stuck.get() == 512);
      TcpConnection tcp =
          registry
              .tcp("telemetry")
              .connectTo(
                  () -> {
                    hang(begin);
                    return InetSocketAddress.createUnresolved(LOOPBACK, server.port());
                  })
              .register();
      app.foreground();
      CompletableFuture<ResumeReport> resumed = registry.resumed();
      begin.countDown();
      assertThat(Await.get(resumed).connections()).hasSize(1);
      assertThat(app.suspend().count(Outcome.ABORTED)).isEqualTo(1);
      assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
      assertThat(stuck).as("of 600, one for each thread").hasValue(512);
    }
  }
}
