package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.tcp.TcpConnection;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole registries whose app brings an executor for its callbacks, good and bad ones. */
class CallbackExecutorTest {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String APPS = "the-apps-own-thread";

  private final ExecutorService apps = Executors.newSingleThreadExecutor(r -> new Thread(r, APPS));
  private final TcpEchoServer server = new TcpEchoServer();

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void end() {
    server.close();
    apps.shutdownNow();
  }

  private static String threadName() {
    return Thread.currentThread().getName();
  }

  @Test
  void callbacksRunOnTheAppsExecutorAndFuturesCompleteOnThreadsOfTheLibrary() {
    CompletableFuture<String> data = new CompletableFuture<>();
    try (Registries app = new Registries(options -> options.callbackExecutor(apps))) {
      TcpConnection tcp =
          app.registry()
              .tcp("echo")
              .connectTo(LOOPBACK, server.port())
              .onData((it, bytes) -> data.complete(threadName()))
              .register();
      CompletableFuture<String> open = tcp.whenOpen().thenApply(nothing -> threadName());
      app.foreground();
      assertThat(Await.get(open)).startsWith("dormouse-");
      Await.get(tcp.send(Texts.bytes("hello")));
      assertThat(Await.get(data)).isEqualTo(APPS);
    }
  }

  /** The only thread that the app has for callbacks waits, and gets what it waits for. */
  @Test
  void aCallbackMayWaitForAFutureEvenIfItHasTheAppsOnlyThread() {
    CompletableFuture<Boolean> waited = new CompletableFuture<>();
    try (Registries app = new Registries(options -> options.callbackExecutor(apps))) {
      app.registry()
          .tcp("echo")
          .connectTo(LOOPBACK, server.port())
          .onOpen(
              it -> {
                Await.get(it.whenOpen());
                Await.get(it.send(Texts.bytes("hello")));
                waited.complete(true);
              })
          .register();
      app.foreground();
      assertThat(Await.get(waited)).isTrue();
    }
  }

  /** Executors that break the rules of one, or that have their own. */
  enum Odd {
    SAME_THREAD,
    REFUSES,
    TWICE,
    THROWS_AFTERWARDS;

    Executor around(ExecutorService good) {
      return switch (this) {
        case SAME_THREAD -> Runnable::run;
        case REFUSES ->
            task -> {
              throw new RejectedExecutionException("on purpose");
            };
        case TWICE ->
            task -> {
              good.execute(task);
              good.execute(task);
            };
        case THROWS_AFTERWARDS ->
            task -> {
              good.execute(task);
              throw new IllegalStateException("on purpose");
            };
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Odd.class)
  void whateverTheExecutorDoesCallbacksComeInOrderOneAtATimeAndNotInsideTheLoop(Odd odd)
      throws Exception {
    int total = 200_000;
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicReference<String> wrong = new AtomicReference<>();
    Set<String> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(total);
    int[] next = new int[1]; // of callbacks, one after the other
    try (Registries app =
            new Registries(
                options ->
                    options
                        .callbackExecutor(odd.around(apps))
                        .closeTimeout(Duration.ofMillis(200)));
        RawServer flood = new RawServer()) {
      TcpConnection tcp =
          app.registry()
              .tcp("flooded")
              .connectTo(LOOPBACK, flood.port())
              .onData(
                  (it, bytes) -> {
                    overlaps.addAndGet(inside.getAndIncrement());
                    threads.add(threadName());
                    while (bytes.hasRemaining()) {
                      if (bytes.get() != (byte) next[0]++) {
                        wrong.compareAndSet(null, "byte " + next[0]);
                      }
                      all.countDown();
                    }
                    inside.decrementAndGet();
                  })
              .register();
      app.foreground();
      Socket peer = flood.next();
      Await.get(tcp.whenOpen());
      write(peer, total);
      Await.latch(all);
      assertThat(overlaps).hasValue(0);
      assertThat(wrong).hasNullValue();
      assertThat(threads).isNotEmpty().noneMatch(name -> name.matches("dormouse-\\d+-io.*"));
      assertThat(app.suspend().withinBudget()).isTrue();
    }
  }

  /** In small pieces, so that there are many callbacks. */
  private static void write(Socket peer, int total) throws IOException {
    peer.setTcpNoDelay(true);
    OutputStream out = peer.getOutputStream();
    byte[] piece = new byte[100];
    for (int sent = 0; sent < total; sent += piece.length) {
      for (int i = 0; i < piece.length; i++) {
        piece[i] = (byte) (sent + i);
      }
      out.write(piece);
    }
  }
}
