package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.Latency;
import io.dormouse.support.Registries;
import io.dormouse.support.servers.TcpEchoServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callbacks that are quick and many run on the I/O thread, and still may block. */
class TcpQuickCallbackTest {
  private static final byte[] BALL = {1};

  private final TcpEchoServer server = new TcpEchoServer();
  private final Registries app = new Registries(Duration.ofSeconds(2));
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void end() {
    release.countDown();
    app.close();
    server.close();
  }

  /** Sends back what comes, for ever, and lets the caller look at each callback before. */
  private TcpConnection rally(String name, Runnable look) {
    TcpConnection tcp =
        app.registry()
            .tcp(name)
            .connectTo("127.0.0.1", server.port())
            .onData(
                (it, bytes) -> {
                  look.run();
                  var unused = it.send(bytes);
                })
            .register();
    app.foreground();
    Await.get(tcp.whenOpen());
    Await.get(tcp.send(ByteBuffer.wrap(BALL)));
    return tcp;
  }

  private static boolean isInline() {
    return Thread.currentThread().getName().contains("-io");
  }

  private static void awaitMore(AtomicLong count, long more) {
    long goal = count.get() + more;
    Await.until(goal + " callbacks", () -> count.get() >= goal);
  }

  @Test
  void aCallbackThatBlocksOnTheIoThreadHoldsUpOnlyItsOwnConnection() {
    AtomicLong others = new AtomicLong();
    CompletableFuture<Boolean> blocks = new CompletableFuture<>();
    AtomicBoolean once = new AtomicBoolean();
    for (int i = 0; i < 8; i++) {
      rally("quick " + i, others::incrementAndGet);
    }
    Latency idle = Latency.of(() -> awaitMore(others, 300));
    rally(
        "blocks",
        () -> {
          if (isInline() && once.compareAndSet(false, true)) {
            blocks.complete(true);
            Await.hold(release);
          }
        });
    assertThat(Await.get(blocks)).isTrue();
    idle.assertHeldUpByNothing(() -> awaitMore(others, 300));
    assertThat(app.suspend().withinBudget()).isTrue();
  }

  @Test
  void aCallbackOnTheIoThreadMayWaitForWhatTheLoopDoes() {
    CompletableFuture<Integer> open = new CompletableFuture<>();
    rally(
        "asks",
        () -> {
          if (isInline() && !open.isDone()) {
            app.registry().find("asks").orElseThrow().pause();
            app.registry().awaitSettled(Await.LIMIT);
            open.complete(app.registry().snapshot().connections().size());
          }
        });
    assertThat(Await.get(open)).isEqualTo(1);
  }

  @Test
  void aCallbackOnTheIoThreadMayCloseTheRegistry() {
    AtomicBoolean closed = new AtomicBoolean();
    TcpConnection tcp =
        rally(
            "closes",
            () -> {
              if (isInline() && closed.compareAndSet(false, true)) {
                app.registry().close();
              }
            });
    Await.until("the connection is closed", () -> tcp.state() == ConnectionState.CLOSED);
    assertThat(closed).isTrue();
  }
}
