package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.SendFailedException;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callbacks send goes out whole, in order and once, whatever else is sent meanwhile. */
class TcpSendInCallbackTest {
  private static final int RECORD = 1_024;
  private static final byte[] GO = {1};

  /** Threads that may block; those of the JDK's common pool may be only one. */
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private final RawServer server = new RawServer();
  private final Registries app = new Registries(Duration.ofSeconds(2));

  @AfterEach
  void end() {
    server.close(); // first, or the app would wait for the peers' FINs
    app.close();
    threads.shutdownNow();
  }

  /** A record of {@link #RECORD} bytes, full of one number, so that a tear shows. */
  private static ByteBuffer record(int number) {
    ByteBuffer record = ByteBuffer.allocate(RECORD);
    while (record.hasRemaining()) {
      record.putInt(number);
    }
    return record.flip();
  }

  /** Reads records until the end of the stream; what is left over by records is in no list. */
  private static List<Integer> readRecords(InputStream in) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (byte[] record = in.readNBytes(RECORD);
        record.length == RECORD;
        record = in.readNBytes(RECORD)) {
      int number = ByteBuffer.wrap(record).getInt();
      assertThat(record).as("record %s is whole", number).isEqualTo(record(number).array());
      numbers.add(number);
    }
    return numbers;
  }

  @Test
  void whatTheSystemDoesNotTakeAtOnceWaitsAndNothingOvertakes() throws IOException {
    CompletableFuture<List<CompletableFuture<Void>>> sent = new CompletableFuture<>();
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .sendBufferSize(4 * 1_024)
            .onData((it, bytes) -> sent.complete(sendMany(it)))
            .register();
    app.foreground();
    Socket peer = server.next();
    Await.get(tcp.whenOpen());
    peer.getOutputStream().write(GO);
    List<CompletableFuture<Void>> sends = Await.get(sent);
    assertThat(sends).anyMatch(send -> !send.isDone());

    CompletableFuture<List<Integer>> read = readInBackground(peer);
    sends.forEach(Await::get);
    tcp.close();

    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < sends.size(); i++) {
      expected.addAll(Collections.nCopies(60, i));
    }
    assertThat(Await.get(read)).isEqualTo(expected);
  }

  /** Each of sixty records. */
  private static List<CompletableFuture<Void>> sendMany(TcpConnection tcp) {
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ByteBuffer large = ByteBuffer.allocate(60 * RECORD);
      while (large.hasRemaining()) {
        large.put(record(i));
      }
      sends.add(tcp.send(large.flip()));
    }
    return sends;
  }

  private CompletableFuture<List<Integer>> readInBackground(Socket peer) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return readRecords(peer.getInputStream());
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  /** The app's own thread and the callbacks of two connections send over one of them. */
  @Test
  void sendsOfManyThreadsStayWholeAndEachThreadsInOrder() throws Exception {
    int each = 2_000;
    AtomicInteger numbers = new AtomicInteger();
    TcpConnection sink =
        app.registry()
            .tcp("sink")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sendSome(it, 1, bytes.remaining(), numbers))
            .register();
    app.foreground();
    Socket sinksPeer = server.next();
    Await.get(sink.whenOpen());
    AtomicInteger others = new AtomicInteger();
    TcpConnection other =
        app.registry()
            .tcp("other")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sendSome(sink, 2, bytes.remaining(), others))
            .register();
    Socket othersPeer = server.next();
    Await.get(other.whenOpen());
    CompletableFuture<List<Integer>> read = readInBackground(sinksPeer);

    CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < each; i++) {
      sinksPeer.getOutputStream().write(GO);
      othersPeer.getOutputStream().write(GO);
      last = sink.send(record(3_000_000 + i));
      if (i % 100 == 99) {
        Await.get(last);
      }
    }
    Await.until("all callbacks", () -> numbers.get() == each && others.get() == each);
    sink.close();

    List<Integer> came = Await.get(read);
    assertThat(came).hasSize(3 * each);
    for (int thread = 1; thread <= 3; thread++) {
      int from = thread * 1_000_000;
      assertThat(came.stream().filter(it -> it >= from && it < from + 1_000_000).toList())
          .hasSize(each)
          .isSorted();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent is missed by the peer
  private static void sendSome(TcpConnection tcp, int thread, int count, AtomicInteger numbers) {
    for (int i = 0; i < count; i++) {
      tcp.send(record(thread * 1_000_000 + numbers.get()));
      numbers.incrementAndGet();
    }
  }

  /** Promise 5: however often the app leaves while callbacks send, what was written has come. */
  @Test
  void theGateClosesForCallbacksThatSend() throws IOException {
    List<CompletableFuture<Void>> sends = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger numbers =
        new AtomicInteger(); // goes on: a late callback may send in the next generation
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sends.add(it.send(record(numbers.incrementAndGet()))))
            .register();
    for (int i = 0; i < 50; i++) {
      sends.clear();
      app.foreground();
      Socket peer = server.next();
      Await.get(tcp.whenOpen());
      CompletableFuture<List<Integer>> read = readInBackground(peer);
      CompletableFuture<Void> asking =
          CompletableFuture.runAsync(() -> askUntilTheEnd(peer), threads);
      Await.until("callbacks send", () -> sends.size() > 20);

      app.background();
      List<Integer> came = Await.get(read);
      peer.close();
      Await.get(asking);
      assertThat(Await.get(app.registry().settled()).socketsLeft()).isZero();

      assertThat(came).as("generation %s", i).isSorted();
      Await.until("all that came was written", () -> countWritten(sends) == came.size());
    }
  }

  private static void askUntilTheEnd(Socket peer) {
    try {
      while (true) {
        peer.getOutputStream().write(GO);
      }
    } catch (IOException e) {
      // the app has gone
    }
  }

  private static long countWritten(List<CompletableFuture<Void>> sends) {
    // A copy, since callbacks that came too late may still be refused.
    return new ArrayList<>(sends).stream().filter(TcpSendInCallbackTest::isWritten).count();
  }

  private static boolean isWritten(CompletableFuture<Void> send) {
    try {
      Await.get(send);
      return true;
    } catch (AssertionError e) {
      assertThat(e.getCause()).isInstanceOfAny(NotOpenException.class, SendFailedException.class);
      return false;
    }
  }

  @Test
  void aSendIntoASocketThatThePeerHasResetFailsAndTheConnectionComesBack() throws IOException {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sendUntilItFails(it, failure))
            .retryPolicy(ended -> Decision.retryAfter(Duration.ofMillis(200))) // not to be missed
            .register();
    app.foreground();
    Socket peer = server.next();
    Await.get(tcp.whenOpen());
    peer.getOutputStream().write(GO);
    peer.getInputStream().readNBytes(RECORD);
    peer.setSoLinger(true, 0);
    peer.close();

    assertThat(Await.get(failure))
        .isInstanceOfAny(NotOpenException.class, SendFailedException.class);
    server.next();
    Await.get(tcp.whenOpen());
  }

  private static void sendUntilItFails(TcpConnection tcp, CompletableFuture<Throwable> failure) {
    for (int i = 0; !failure.isDone(); i++) {
      try {
        tcp.send(record(i)).join();
      } catch (CompletionException e) {
        failure.complete(e.getCause());
      }
    }
  }
}
