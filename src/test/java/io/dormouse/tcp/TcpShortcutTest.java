package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callbacks send is written by their own thread while nothing waits, and by the loop else. */
class TcpShortcutTest {
  private static final int RECORD = 1_024;
  private static final byte[] GO = {1};

  private final RawServer server = new RawServer();
  private final Registries app = new Registries(Duration.ofSeconds(2));

  @AfterEach
  void end() {
    app.close();
    server.close();
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
  void anAnswerIsWrittenBeforeItsSendReturns() throws IOException {
    CompletableFuture<Boolean> doneAtOnce = new CompletableFuture<>();
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> doneAtOnce.complete(it.send(record(7)).isDone()))
            .register();
    app.foreground();
    Socket peer = server.next();
    Await.get(tcp.whenOpen());

    peer.getOutputStream().write(GO);

    assertThat(Await.get(doneAtOnce)).isTrue();
    assertThat(peer.getInputStream().readNBytes(RECORD)).isEqualTo(record(7).array());
    assertThat(tcp.snapshot().bytesOut()).isEqualTo(RECORD);
  }

  /**
   * Some are written by the callback, one is cut by the full buffer, the rest waits on the loop.
   */
  @Test
  void whatThePeerDoesNotReadYetIsHandedToTheLoopAndNothingOvertakes() throws IOException {
    CompletableFuture<List<CompletableFuture<Void>>> sent = new CompletableFuture<>();
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sent.complete(sendUntilManyWait(it)))
            .register();
    app.foreground();
    Socket peer = server.next();
    Await.get(tcp.whenOpen());
    peer.getOutputStream().write(GO);
    List<CompletableFuture<Void>> sends = Await.get(sent);

    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return readRecords(peer.getInputStream());
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            });
    sends.forEach(Await::get);
    tcp.close();

    assertThat(Await.get(read)).hasSameSizeAs(sends).isSorted().startsWith(0);
  }

  private static List<CompletableFuture<Void>> sendUntilManyWait(TcpConnection tcp) {
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int waiting = 0; waiting < 100; ) {
      CompletableFuture<Void> send = tcp.send(record(sends.size()));
      sends.add(send);
      waiting += send.isDone() ? 0 : 1;
    }
    return sends;
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
    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return readRecords(sinksPeer.getInputStream());
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            });

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

  /**
   * Promise 5: however often the app leaves while a callback sends, what has been reported as
   * written is what the peer got, and the peer got nothing else but the beginning of one more.
   */
  @Test
  void theGateClosesForCallbacksThatSend() throws IOException {
    StateLog log = new StateLog();
    AtomicBoolean over = new AtomicBoolean();
    List<List<CompletableFuture<Void>>> lives = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    CountDownLatch[] refused = {null};
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData(
                (it, bytes) -> {
                  List<CompletableFuture<Void>> sends = lives.get(lives.size() - 1);
                  while (!over.get()) {
                    CompletableFuture<Void> send = it.send(record(next.getAndIncrement()));
                    if (send.isCompletedExceptionally()) {
                      break;
                    }
                    sends.add(send);
                  }
                  refused[0].countDown();
                })
            .listener(log)
            .register();
    for (int i = 0; i < 50; i++) {
      lives.add(new ArrayList<>());
      next.set(0);
      refused[0] = new CountDownLatch(1);
      app.foreground();
      Socket peer = server.next();
      Await.get(tcp.whenOpen());
      peer.getOutputStream().write(GO);
      peer.getInputStream().readNBytes(RECORD); // it sends now
      app.background();
      List<Integer> came = readRecords(peer.getInputStream());
      peer.close();
      Await.latch(refused[0]);
      assertThat(Await.get(app.registry().settled()).socketsLeft()).isZero();

      List<CompletableFuture<Void>> sends = lives.get(i);
      int written = 0;
      for (CompletableFuture<Void> send : sends) {
        try {
          send.join();
          written++;
        } catch (CompletionException e) {
          assertThat(e.getCause())
              .isInstanceOfAny(NotOpenException.class, SendFailedException.class);
        }
      }
      assertThat(came.size() + 1).as("life %s", i).isEqualTo(written);
      assertThat(came).isSorted();
    }
    assertThat(log.states()).doesNotContain(ConnectionState.FAILED);
  }

  @Test
  void aSendIntoASocketThatThePeerHasResetFailsAndTheConnectionComesBack() throws IOException {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    TcpConnection tcp =
        app.registry()
            .tcp("telemetry")
            .connectTo("127.0.0.1", server.port())
            .onData((it, bytes) -> sendUntilItFails(it, failure))
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

  @SuppressWarnings("FutureReturnValueIgnored") // its outcome is looked at in whenComplete
  private static void sendUntilItFails(TcpConnection tcp, CompletableFuture<Throwable> failure) {
    for (int i = 0; !failure.isDone(); i++) {
      tcp.send(record(i))
          .whenComplete(
              (sent, thrown) -> {
                if (thrown != null) {
                  failure.complete(thrown);
                }
              });
    }
  }
}
