package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.TlsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Received bytes that are lent to the callback for the time of its call. */
class TcpBorrowedDataTest {
  private static final int PIECE = 16 * 1024;

  /** Connections that borrow more than there is, also if two threads have led the loop. */
  private static final int MANY = 40;

  private final Set<Thread> before = Thread.getAllStackTraces().keySet();
  private final Registries app = new Registries();
  private final RawServer server = new RawServer();
  private final StateLog log = new StateLog();
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void end() {
    goOn.countDown();
    server.close();
    app.close();
  }

  private TcpBuilder named(String name) {
    return app.registry().tcp(name).connectTo("127.0.0.1", server.port());
  }

  /** Opens a connection, and returns the peer's socket. */
  private Socket open(String name, BiConsumer<TcpConnection, ByteBuffer> callback) {
    TcpConnection tcp = named(name).onBorrowedData(callback).onStateChange(log).register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return server.next();
  }

  private static void send(Socket peer, int length, int filling) throws IOException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) filling);
    peer.getOutputStream().write(bytes);
  }

  // ------------------------------------------------------------------------------- what comes

  /** Sends bytes in pieces of any size, and sums them up. */
  private static final class Source {
    private static final int BLOCK = 1 << 20;

    private final Random random = new Random(11);
    private final byte[] block = new byte[BLOCK];
    private final CRC32 sum = new CRC32();

    Source() {
      random.nextBytes(block);
    }

    void send(OutputStream out, long total) throws IOException {
      for (long left = total; left > 0; ) {
        int most = 1 << (4 + random.nextInt(14));
        int length = (int) Math.min(left, 1 + random.nextInt(most));
        int from = random.nextInt(BLOCK - length);
        out.write(block, from, length);
        sum.update(block, from, length);
        left -= length;
      }
    }
  }

  /** Sums up what comes. */
  private static final class Sink implements BiConsumer<TcpConnection, ByteBuffer> {
    private final CompletableFuture<Long> sum = new CompletableFuture<>();
    private final CRC32 summing = new CRC32();
    private long left;

    Sink(long total) {
      left = total;
    }

    @Override
    public void accept(TcpConnection tcp, ByteBuffer bytes) {
      left -= bytes.remaining();
      summing.update(bytes);
      if (left == 0) {
        sum.complete(summing.getValue());
      }
    }
  }

  private static final long TOTAL = 100_000_000;

  private static long allocatedBy(Set<Thread> notBy) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !notBy.contains(thread) && thread.getName().startsWith("dormouse-"))
        .mapToLong(thread -> Math.max(0, threads.getThreadAllocatedBytes(thread.getId())))
        .sum();
  }

  @Test
  void allComesWhole() throws Exception {
    Sink sink = new Sink(TOTAL);
    Socket peer = open("telemetry", sink);
    Source source = new Source();
    peer.setSendBufferSize(1 << 20); // so that much comes at once
    source.send(peer.getOutputStream(), TOTAL);
    assertThat(Await.get(sink.sum)).isEqualTo(source.sum.getValue());
  }

  /** One piece after the other, since what comes while the app is behind may be copied. */
  @Test
  void itIsNotCopiedIntoNewMemory() throws Exception {
    int size = 64 * 1024;
    BlockingQueue<Integer> came = new LinkedBlockingQueue<>();
    Socket peer = open("telemetry", (tcp, bytes) -> came.add(bytes.remaining()));
    int pieces = 100;
    for (int i = 0; i < pieces; i++) {
      send(peer, size, i);
      for (int left = size; left > 0; ) {
        left -= Await.next(came);
      }
    }
    assertThat(allocatedBy(before)).isLessThan(pieces * size / 2);
  }

  @Test
  void soItDoesOverTls() throws Exception {
    long total = TOTAL / 4;
    Sink sink = new Sink(total);
    Source source = new Source();
    try (TlsServer secure =
        new TlsServer((socket, below) -> source.send(socket.getOutputStream(), total))) {
      TcpConnection unused =
          app.registry()
              .tcp("telemetry")
              .connectTo("localhost", secure.port())
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onBorrowedData(sink)
              .register();
      app.foreground();
      assertThat(Await.get(sink.sum)).isEqualTo(source.sum.getValue());
    }
  }

  @Test
  void itIsToBeReadOnly() throws Exception {
    CompletableFuture<ByteBuffer> lent = new CompletableFuture<>();
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    Socket peer =
        open(
            "telemetry",
            (tcp, bytes) -> {
              try {
                lent.complete(bytes.put(0, (byte) 1));
              } catch (ReadOnlyBufferException e) {
                refused.complete(e);
              }
            });
    send(peer, PIECE, 1);
    assertThat(Await.get(refused)).isInstanceOf(ReadOnlyBufferException.class);
  }

  /** Few bytes too, which are not lent but copied: what is forbidden shows each time. */
  @Test
  void whatIsKeptIsEmptyAfterTheCallHoweverMuchCame() throws Exception {
    for (int size : new int[] {1, Borrowing.FEWEST_BYTES}) {
      BlockingQueue<ByteBuffer> kept = new LinkedBlockingQueue<>();
      Socket peer = open("telemetry of " + size, (tcp, bytes) -> kept.add(bytes));
      send(peer, size, 1);
      ByteBuffer late = Await.next(kept);
      Await.until("it is empty", () -> late.limit() == 0);
      assertThatThrownBy(() -> late.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  // ---------------------------------------------------------------------------- slow callbacks

  /**
   * Callbacks that don't return keep all buffers that they may: who comes after them is copied for.
   */
  @Test
  void manyThatKeepTheirsDoNotHoldAnotherUp() throws Exception {
    List<Socket> peers = new ArrayList<>();
    AtomicInteger held = new AtomicInteger();
    for (int i = 0; i < MANY; i++) {
      peers.add(
          open(
              "blocked " + i,
              (tcp, bytes) -> {
                held.incrementAndGet();
                Await.hold(goOn);
              }));
    }
    for (Socket peer : peers) {
      send(peer, 12 * 64 * 1024, 1); // the rest waits behind what is held
    }
    Await.until("all are held", () -> held.get() == MANY);
    Await.until(
        "what waits is read",
        () ->
            app.registry().connections().stream()
                .allMatch(tcp -> tcp.snapshot().bytesIn() == 12 * 64 * 1024));
    int total = 4 << 20;
    Sink sink = new Sink(total);
    AtomicInteger copied = new AtomicInteger();
    Source source = new Source();
    Socket another =
        open(
            "another",
            (tcp, bytes) -> {
              if (!bytes.isDirect() && bytes.remaining() >= Borrowing.FEWEST_BYTES) {
                copied.incrementAndGet();
              }
              sink.accept(tcp, bytes);
            });
    source.send(another.getOutputStream(), total);
    assertThat(Await.get(sink.sum)).isEqualTo(source.sum.getValue());
    assertThat(copied.get()).as("since none was left to borrow").isPositive();
  }

  @Test
  void oneThatIsSlowLeavesSomeToOthers() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Socket slow =
        open(
            "slow",
            (tcp, bytes) -> {
              begun.countDown();
              Await.hold(goOn);
            });
    Source flood = new Source();
    Thread flooding =
        new Thread(
            () -> {
              try {
                flood.send(slow.getOutputStream(), 64 << 20);
              } catch (IOException e) {
                // the test is over
              }
            });
    flooding.setDaemon(true);
    flooding.start();
    Await.latch(begun);
    TcpConnection tcp = (TcpConnection) app.registry().connections().get(0);
    Await.until("reading has stopped", () -> tcp.snapshot().bytesIn() >= 1_000_000);
    BlockingQueue<Boolean> lent = new LinkedBlockingQueue<>();
    Socket quick = open("quick", (connection, bytes) -> lent.add(bytes.isDirect()));
    send(quick, PIECE, 1);
    assertThat(Await.next(lent)).as("the buffer is the socket's own").isTrue();
  }

  @Test
  void readingStopsWhileTheAppIsBehindAndNothingIsLost() throws Exception {
    long total = 16 << 20;
    Sink sink = new Sink(total);
    List<Long> borrowedAt = new CopyOnWriteArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    Socket peer =
        open(
            "telemetry",
            (tcp, bytes) -> {
              begun.countDown();
              Await.hold(goOn);
              if (bytes.isDirect()) {
                borrowedAt.add(total - sink.left);
              }
              sink.accept(tcp, bytes);
            });
    TcpConnection tcp = (TcpConnection) app.registry().connections().get(0);
    Source source = new Source();
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              try {
                source.send(peer.getOutputStream(), total);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Await.latch(begun);
    Await.until("reading has stopped", () -> tcp.snapshot().bytesIn() >= 1_000_000);
    long waiting = tcp.snapshot().bytesIn();
    assertThat(waiting).isLessThanOrEqualTo((1 << 20) + 64 * 1024);
    goOn.countDown();
    assertThat(Await.get(sink.sum)).isEqualTo(source.sum.getValue());
    Await.get(sent);
    assertThat(borrowedAt.stream().filter(begin -> begin < waiting))
        .as("of what waited, as much as one may have")
        .hasSizeBetween(1, Borrowing.MOST_BUFFERS);
  }

  // -------------------------------------------------------------------- what callbacks do besides

  @Test
  void callbacksThatThrowGiveBackWhatTheyHad() throws Exception {
    BlockingQueue<Boolean> lent = new LinkedBlockingQueue<>();
    AtomicInteger came = new AtomicInteger();
    Socket peer =
        open(
            "telemetry",
            (tcp, bytes) -> {
              came.addAndGet(bytes.remaining());
              if (came.get() % PIECE == 0) {
                lent.add(bytes.isDirect());
              }
              throw new IllegalStateException("on purpose");
            });
    for (int i = 0; i < MANY; i++) {
      send(peer, PIECE, i);
      assertThat(Await.next(lent)).as("piece %s is lent", i).isTrue();
    }
  }

  /** What is lent is not read into, whatever becomes of the connection that it came over. */
  private void assertUnchangedBy(Consumer<Socket> end) throws Exception {
    CompletableFuture<String> wrong = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    Socket peer =
        open(
            "telemetry",
            (tcp, bytes) -> {
              if (begun.getCount() == 0) {
                return;
              }
              ByteBuffer seen = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate());
              begun.countDown();
              Await.hold(goOn);
              wrong.complete(seen.flip().equals(bytes) ? "" : "it has changed");
            });
    send(peer, PIECE, 42);
    Await.latch(begun);
    end.accept(peer);
    int total = 4 << 20;
    Sink sink = new Sink(total);
    new Source().send(open("another", sink).getOutputStream(), total);
    Await.get(sink.sum);
    goOn.countDown();
    assertThat(Await.get(wrong)).isEmpty();
  }

  @Test
  void itLastsUntilTheCallIsOverThoughTheConnectionIsClosedMeanwhile() throws Exception {
    assertUnchangedBy(peer -> app.registry().connections().get(0).close());
  }

  @Test
  void soItDoesThroughASuspendWhichDoesNotWaitForIt() throws Exception {
    assertUnchangedBy(
        peer -> {
          app.background();
          close(peer);
          assertThat(Await.get(app.registry().settled()).count(Outcome.CLOSED_CLEANLY))
              .isEqualTo(1);
          app.foreground();
          assertThat(server.next().isConnected()).as("it comes back meanwhile").isTrue();
        });
  }

  /** Answers the end of the other side. */
  private static void close(Socket peer) {
    try (peer) {
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aCallbackMayCloseItsConnection() throws Exception {
    CompletableFuture<Integer> left = new CompletableFuture<>();
    Socket peer =
        open(
            "telemetry",
            (tcp, bytes) -> {
              tcp.close();
              left.complete(bytes.remaining());
            });
    send(peer, PIECE, 1);
    assertThat(Await.get(left)).isPositive();
    close(peer);
    log.await(ConnectionState.CLOSED);
  }

  /** It is written after the call, and much later if the peer does not read. */
  @Test
  void whatIsSentOfItArrivesAsItCame() throws Exception {
    int total = 8 << 20;
    Socket peer =
        open(
            "echo",
            (tcp, bytes) -> {
              CompletableFuture<Void> unused = tcp.send(bytes.slice());
            });
    Source source = new Source();
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              try {
                source.send(peer.getOutputStream(), total);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    TcpConnection tcp = (TcpConnection) app.registry().connections().get(0);
    Await.until("some of it is queued", () -> tcp.snapshot().bytesIn() > 1 << 20);
    CRC32 sum = new CRC32();
    byte[] bytes = new byte[PIECE];
    for (int left = total; left > 0; ) {
      int count = peer.getInputStream().read(bytes);
      assertThat(count).isPositive();
      sum.update(bytes, 0, count);
      left -= count;
    }
    Await.get(sent);
    assertThat(sum.getValue()).isEqualTo(source.sum.getValue());
  }

  // ------------------------------------------------------------------------------ who takes it

  @Test
  void onlyOneCallbackTakesWhatComes() {
    String message =
        "a: what comes is taken by one callback, of either onData, onBorrowedData or onMessage";
    assertThatThrownBy(() -> named("a").onData((t, b) -> {}).onBorrowedData((t, b) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> named("a").onBorrowedData((t, b) -> {}).onData((t, b) -> {}))
        .hasMessage(message);
    assertThatThrownBy(
            () -> named("a").onBorrowedData((t, b) -> {}).onMessage(Framing.lines(9), (t, m) -> {}))
        .hasMessage(message);
    assertThatThrownBy(() -> named("a").onBorrowedData(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void whatThePreparationSendsOfItArrivesAsItCame() throws Exception {
    CompletableFuture<TcpSender> opening = new CompletableFuture<>();
    CompletableFuture<Void> prepared = new CompletableFuture<>();
    TcpConnection tcp =
        named("telemetry")
            .prepare(
                Await.LIMIT,
                sender -> {
                  opening.complete(sender);
                  return prepared;
                })
            .onBorrowedData(
                (connection, bytes) -> {
                  CompletableFuture<Void> unused = opening.join().send(bytes);
                })
            .register();
    app.foreground();
    Socket peer = server.next();
    Await.get(opening);
    for (int i = 1; i <= MANY; i++) {
      send(peer, PIECE, i);
    }
    for (int i = 1; i <= MANY; i++) {
      byte[] back = peer.getInputStream().readNBytes(PIECE);
      assertThat(back).containsOnly(i);
    }
    prepared.complete(null);
    Await.get(tcp.whenOpen());
  }
}
