package io.dormouse.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What belongs to one socket stays with it, and goes with it. */
class TcpGenerationTest {
  private static final String LOOPBACK = "127.0.0.1";

  private static String text(ByteBuffer bytes) {
    return US_ASCII.decode(bytes).toString();
  }

  private static void write(Socket peer, String text) throws IOException {
    peer.getOutputStream().write(text.getBytes(US_ASCII));
  }

  /** The answer to a question of the first socket, and two greetings, went out on the third. */
  @Test
  void whatACallbackSendsNeverGoesToASocketThatItWasNotCalledFor() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<Long> greeted = new ArrayList<>();
    Queue<CompletableFuture<Void>> answers = new ConcurrentLinkedQueue<>();
    try (Registries app = new Registries();
        RawServer server = new RawServer()) {
      TcpConnection tcp =
          app.registry()
              .tcp("t")
              .connectTo(LOOPBACK, server.port())
              .onOpen(
                  self -> {
                    greeted.add(self.snapshot().generation());
                    answers.add(self.send(Texts.bytes("hello " + greeted.size() + ";")));
                  })
              .onData(
                  (self, bytes) -> {
                    String question = text(bytes);
                    inside.countDown();
                    Await.hold(release);
                    answers.add(self.send(Texts.bytes("answer to " + question + ";")));
                  })
              .register();
      app.foreground();
      Socket first = server.next();
      Await.get(tcp.whenOpen());
      assertThat(read(first, "hello 1;")).isEqualTo("hello 1;");
      write(first, "withdraw 100");
      Await.latch(inside);
      reset(first);
      reset(server.next()); // the second, whose opening is never told of in time
      Socket third = server.next();
      Await.until("the third is open", () -> isOpen(tcp, 3));
      release.countDown();
      assertThat(read(third, "hello 2;")).as("the first that it gets").isEqualTo("hello 2;");
      assertThat(greeted).containsExactly(1L, 3L);
      write(third, "question 3");
      assertThat(read(third, "answer to question 3;")).isEqualTo("answer to question 3;");
      Await.until("the last send has returned", () -> answers.size() == 4);
      List<CompletableFuture<Void>> all = List.copyOf(answers);
      assertThat(Await.failure(all.get(1))).isInstanceOf(SendFailedException.class);
    }
  }

  private static void reset(Socket peer) throws IOException {
    peer.setSoLinger(true, 0);
    peer.close();
  }

  private static boolean isOpen(TcpConnection tcp, long generation) {
    return tcp.snapshot().generation() == generation && tcp.state() == ConnectionState.OPEN;
  }

  private static String read(Socket peer, String expected) throws IOException {
    return new String(peer.getInputStream().readNBytes(expected.length()), US_ASCII);
  }

  // ------------------------------------------------------------------------------------- futures

  @Test
  void futuresCompleteOnThreadsOfTheLibraryWhateverExecutorTheAppBrings() throws IOException {
    ExecutorService apps = Executors.newSingleThreadExecutor(task -> new Thread(task, "looper"));
    try (Registries app = new Registries(options -> options.callbackExecutor(apps));
        RawServer server = new RawServer()) {
      TcpConnection tcp = app.registry().tcp("t").connectTo(LOOPBACK, server.port()).register();
      CompletableFuture<String> opened = tcp.whenOpen().thenApply(done -> threadName());
      app.foreground();
      assertThat(Await.get(opened)).startsWith("dormouse-");
      Socket peer = server.next();
      String sent = "";
      while (!sent.startsWith("dormouse-")) { // one that is done already is told at once, here
        CompletableFuture<String> written =
            tcp.send(ByteBuffer.allocate(1 << 20)).thenApply(done -> threadName());
        peer.getInputStream().skipNBytes(1 << 20); // or a few of them fill what the systems hold
        sent = Await.get(written);
        assertThat(sent).isNotEqualTo("looper");
      }
    } finally {
      apps.shutdown();
    }
  }

  private static String threadName() {
    return Thread.currentThread().getName();
  }

  @Test
  void aCallbackMayWaitForItsSendOnAnExecutorOfOneThread() throws Exception {
    ExecutorService apps = Executors.newSingleThreadExecutor();
    CompletableFuture<Boolean> waited = new CompletableFuture<>();
    try (Registries app = new Registries(options -> options.callbackExecutor(apps));
        RawServer server = new RawServer()) {
      TcpConnection tcp =
          app.registry()
              .tcp("t")
              .connectTo(LOOPBACK, server.port())
              .onData(
                  (self, bytes) -> {
                    Await.get(self.send(Texts.bytes("x")));
                    Await.get(self.whenOpen());
                    waited.complete(true);
                  })
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      write(server.next(), "go");
      assertThat(Await.get(waited)).isTrue();
    } finally {
      apps.shutdown();
    }
  }

  @Test
  void aDependentThatBlocksHoldsUpNeitherCallbacksNorOtherConnections() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (Registries app = new Registries();
        RawServer server = new RawServer();
        AutoCloseable released = release::countDown) {
      assertThat(released).isNotNull();
      TcpConnection tcp =
          app.registry()
              .tcp("t")
              .connectTo(LOOPBACK, server.port())
              .onData((self, bytes) -> heard.complete(text(bytes)))
              .register();
      CompletableFuture<Void> dependent =
          tcp.whenOpen()
              .thenRun(
                  () -> {
                    blocked.countDown();
                    Await.hold(release);
                  });
      app.foreground();
      Socket peer = server.next();
      Await.latch(blocked);
      write(peer, "still here");
      assertThat(Await.get(heard)).isEqualTo("still here");
      TcpConnection other = app.registry().tcp("o").connectTo(LOOPBACK, server.port()).register();
      Await.get(other.whenOpen());
      assertThat(Await.get(other.send(Texts.bytes("y")))).isNull();
      CompletableFuture<Void> behind = tcp.send(Texts.bytes("x"));
      assertThat(server.next().getInputStream().read()).isEqualTo('y');
      assertThat(peer.getInputStream().read()).as("it is written").isEqualTo('x');
      assertThat(behind).as("and its outcome waits for the one before").isNotDone();
      release.countDown();
      Await.get(dependent);
      Await.get(behind);
    }
  }

  // --------------------------------------------------------------------------------------- memory

  @Test
  void unsentPayloadsAreLetGoWhenItIsAsleepAndWhenItIsClosed() throws Exception {
    try (RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofMillis(500))) {
      TcpConnection tcp =
          app.registry()
              .tcp("t")
              .connectTo(LOOPBACK, server.port())
              .sendBufferSize(8_192)
              .register();
      app.foreground();
      try (Socket peer = server.next()) { // which reads nothing
        Await.get(tcp.whenOpen());
        List<WeakReference<byte[]>> payloads = sendMuch(tcp);
        app.suspend();
        awaitCollected(payloads);
        assertThat(peer.isClosed()).isFalse();
      }
      app.foreground();
      try (Socket peer = server.next()) {
        Await.get(tcp.whenOpen());
        List<WeakReference<byte[]>> payloads = sendMuch(tcp);
        tcp.close();
        Await.until("it is closed", () -> tcp.state() == ConnectionState.CLOSED);
        awaitCollected(payloads);
        assertThat(peer.isClosed()).isFalse();
      }
      assertThat(tcp.localAddress()).isEmpty();
    }
  }

  private static List<WeakReference<byte[]>> sendMuch(TcpConnection tcp) {
    List<WeakReference<byte[]>> payloads = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      byte[] payload = new byte[1 << 20];
      payloads.add(new WeakReference<>(payload));
      CompletableFuture<Void> unused = tcp.send(ByteBuffer.wrap(payload));
    }
    return payloads;
  }

  private static void awaitCollected(List<WeakReference<byte[]>> payloads) {
    Await.until(
        "payloads are let go",
        () -> {
          System.gc();
          return payloads.stream().allMatch(payload -> payload.get() == null);
        });
  }

  // ------------------------------------------------------------------------------------ suppliers

  @Test
  void suppliersThatHangHoldOneThreadEachHoweverOftenTheAppComesAndGoes() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger hanging = new AtomicInteger();
    int connections = 5;
    try (Registries app = new Registries();
        AutoCloseable released = release::countDown) {
      assertThat(released).isNotNull();
      for (int i = 0; i < connections; i++) {
        app.registry()
            .tcp("t" + i)
            .connectTo(
                () -> {
                  hanging.incrementAndGet();
                  awaitThrough(release);
                  throw new IllegalStateException("on purpose");
                })
            .register();
      }
      app.foreground();
      Await.until("all hang", () -> hanging.get() == connections);
      for (int i = 0; i < 30; i++) {
        app.suspend();
        app.foreground();
      }
      app.suspend();
      assertThat(hanging).hasValue(connections);
      assertThat(OwnThreads.names().stream().filter(name -> name.contains("blocking")))
          .as("not more each time; short work beside may find none idle")
          .hasSizeLessThanOrEqualTo(4 * connections);
    }
  }

  /** Waits, and heeds no interrupt. */
  private static void awaitThrough(CountDownLatch latch) {
    boolean through = false;
    while (!through) {
      try {
        latch.await();
        through = true;
      } catch (InterruptedException e) {
        through = false;
      }
    }
  }

  @Test
  void noSupplierIsCalledOnceAllIsAsleep() throws Exception {
    AtomicBoolean settled = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    AtomicInteger returned = new AtomicInteger();
    try (Registries app = new Registries()) {
      for (int i = 0; i < 100; i++) {
        app.registry()
            .tcp("t" + i)
            .connectTo(
                () -> {
                  calls.incrementAndGet();
                  if (settled.get()) {
                    late.incrementAndGet();
                  }
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // it heeds the end of its generation
                  } finally {
                    returned.incrementAndGet();
                  }
                  return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
                })
            .register();
      }
      app.foreground();
      Await.until("some have begun", () -> calls.get() > 1);
      app.suspend();
      settled.set(true);
      Await.until("all that were called have returned", () -> returned.get() == calls.get());
      app.registry().assertQuiescent();
      assertThat(late).hasValue(0);
    }
    assertThat(late).hasValue(0);
    assertThat(returned).hasValue(calls.get());
  }
}
