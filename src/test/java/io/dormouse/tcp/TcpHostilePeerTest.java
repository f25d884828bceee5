package io.dormouse.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that do what they should not, in each phase of a suspend, all at the same time. */
class TcpHostilePeerTest {
  /** When a peer begins. */
  private enum Moment {
    BEFORE_THE_SUSPEND,
    WHILE_IT_FLUSHES,
    AFTER_OUR_FIN
  }

  /** What a peer does from then on. */
  private enum Attack {
    RESET {
      @Override
      void run(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
      }
    },
    CLOSE {
      @Override
      void run(Socket socket) throws IOException {
        socket.close(); // what it has not read makes this a reset, too
      }
    },
    HALF_CLOSE {
      @Override
      void run(Socket socket) throws IOException {
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      }
    },
    NEVER_READ {
      @Override
      void run(Socket socket) {}
    },
    READ_AND_STAY {
      @Override
      void run(Socket socket) throws IOException {
        socket.getInputStream().readAllBytes();
      }
    },
    DRIBBLE {
      @Override
      void run(Socket socket) throws IOException {
        while (true) {
          socket.getOutputStream().write(1);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // its pace
        }
      }
    },
    FLOOD {
      @Override
      void run(Socket socket) throws IOException {
        byte[] much = new byte[64 * 1024];
        while (true) {
          socket.getOutputStream().write(much);
        }
      }
    };

    /** Goes on until the socket is gone, or stays as it is. */
    abstract void run(Socket socket) throws IOException;
  }

  private final RawServer server = new RawServer();

  @ParameterizedTest
  @EnumSource
  void theBudgetIsKeptAndNothingStays(Moment moment) {
    try (RawServer closed = server;
        Registries app =
            new Registries(
                options ->
                    options
                        .suspendBudget(Duration.ofSeconds(4))
                        .closeTimeout(Duration.ofMillis(200))
                        .retryPolicy(ended -> Decision.giveUp()))) {
      assertThat(closed).isNotNull();
      CountDownLatch begin = new CountDownLatch(1);
      List<CompletableFuture<Void>> sends = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch ready = new CountDownLatch(Attack.values().length);
      for (Attack attack : Attack.values()) {
        TcpConnection tcp =
            app.registry()
                .tcp(attack.toString())
                .connectTo("127.0.0.1", server.port())
                .onData((it, bytes) -> sends.add(it.send(new byte[100])))
                .register();
        app.foreground();
        Await.get(tcp.whenOpen());
        Socket peer = server.next();
        Thread player = new Thread(() -> play(peer, attack, moment, begin, ready), "peer");
        player.setDaemon(true);
        player.start();
        for (int i = 0; i < 20; i++) {
          sends.add(tcp.send(ByteBuffer.allocate(64 * 1024)));
        }
      }
      if (moment == Moment.BEFORE_THE_SUSPEND) {
        begin.countDown();
        Await.latch(ready);
      }
      app.background();
      begin.countDown();
      SuspendReport report = Await.get(app.registry().settled());
      assertThat(report.withinBudget()).as("%s", report).isTrue();
      assertThat(report.socketsLeft()).isZero();
      assertThat(OsSockets.connectedTo(server.port())).isZero();
      app.registry().assertQuiescent();
      for (CompletableFuture<Void> send : List.copyOf(sends)) {
        Await.until("each send has its outcome", send::isDone);
      }
    }
  }

  private static void play(
      Socket peer, Attack attack, Moment moment, CountDownLatch begin, CountDownLatch ready) {
    try {
      if (moment == Moment.AFTER_OUR_FIN) {
        peer.getInputStream().readAllBytes();
      } else {
        Await.latch(begin);
      }
      ready.countDown();
      attack.run(peer);
    } catch (IOException e) {
      // The socket is gone, as it should be.
    }
  }

  // ---------------------------------------------------------------------------- data integrity

  private static final int RECORD = 1_024;

  /** A record that is full of its number, so that a tear shows. */
  private static ByteBuffer record(int number) {
    ByteBuffer record = ByteBuffer.allocate(RECORD);
    while (record.hasRemaining()) {
      record.putInt(number);
    }
    return record.flip();
  }

  /** Reads all that comes over its sockets, the oldest first, and cuts the first after a while. */
  private final class Peers implements AutoCloseable {
    private final List<Received> sockets = new ArrayList<>(); // guarded by this
    private int cutNext = Integer.MAX_VALUE; // after so many records; guarded by this
    private boolean resets; // guarded by this
    private final Thread acceptor = new Thread(this::accept, "peers");

    Peers() {
      acceptor.setDaemon(true);
      acceptor.start();
    }

    synchronized void cutTheNext(int afterRecords, boolean withReset) {
      cutNext = afterRecords;
      resets = withReset;
    }

    private void accept() {
      try {
        while (true) {
          serve(server.next());
        }
      } catch (AssertionError e) {
        // Interrupted: the test is over.
      }
    }

    private synchronized void serve(Socket socket) {
      Received received = new Received();
      int cutAt = cutNext;
      boolean reset = resets;
      cutNext = Integer.MAX_VALUE;
      sockets.add(received);
      Thread reader = new Thread(() -> received.readAndCut(socket, cutAt, reset), "peer");
      reader.setDaemon(true);
      reader.start();
    }

    /** Returns what each socket so far has received, when it is over for all. */
    List<Received> all() {
      Await.until("all are served", () -> count() == server.accepted());
      List<Received> all;
      synchronized (this) {
        all = List.copyOf(sockets);
      }
      all.forEach(received -> Await.get(received.over));
      return all;
    }

    private synchronized int count() {
      return sockets.size();
    }

    @Override
    public void close() {
      acceptor.interrupt();
    }
  }

  /** What one socket has received, until the end that it has seen or made. */
  private static final class Received {
    private final List<Integer> numbers = new ArrayList<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    void readAndCut(Socket peer, int cutAt, boolean reset) {
      try (peer) {
        read(peer, cutAt);
        if (reset) {
          peer.setSoLinger(true, 0);
        }
      } catch (IOException e) {
        // It was reset while it was read.
      } catch (Throwable e) {
        over.completeExceptionally(e);
      } finally {
        over.complete(null);
      }
    }

    private void read(Socket peer, int records) throws IOException {
      for (int i = 0; i < records; i++) {
        byte[] bytes = peer.getInputStream().readNBytes(RECORD);
        if (bytes.length < RECORD) {
          return;
        }
        int number = ByteBuffer.wrap(bytes).getInt();
        assertThat(bytes).as("record %s is whole", number).isEqualTo(record(number).array());
        numbers.add(number);
      }
    }
  }

  /** Promise 5: what the peer has received is a subset, in order, of what was accepted. */
  @Test
  void whatIsReceivedIsASubsetInOrderHoweverThePeersCutTheConnection() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<CompletableFuture<Void>> sends = new ArrayList<>(); // by number
    try (RawServer closed = server;
        Peers peers = new Peers();
        Registries app = new Registries(Duration.ofSeconds(2))) {
      assertThat(closed).isNotNull();
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo("127.0.0.1", server.port()).register();
      for (int cycle = 0; cycle < 100; cycle++) {
        boolean cuts = random.nextBoolean();
        peers.cutTheNext(cuts ? random.nextInt(100) : Integer.MAX_VALUE, random.nextBoolean());
        app.foreground();
        Await.get(tcp.whenOpen());
        int first = sends.size();
        int count = random.nextInt(200);
        for (int i = 0; i < count; i++) {
          sends.add(tcp.send(record(sends.size())));
        }
        app.suspend();
        List<Received> all = peers.all();
        if (!cuts) {
          assertThat(all.get(all.size() - 1).numbers)
              .as("seed %s", seed)
              .isEqualTo(written(sends, first));
        }
      }
      int last = -1;
      for (Received received : peers.all()) {
        for (int number : received.numbers) {
          assertThat(number).as("seed %s", seed).isGreaterThan(last);
          assertThat(sends.get(number)).as("seed %s", seed).isCompleted();
          last = number;
        }
      }
    }
  }

  private static List<Integer> written(List<CompletableFuture<Void>> sends, int first) {
    List<Integer> written = new ArrayList<>();
    for (int i = first; i < sends.size(); i++) {
      Await.until("each send has its outcome", sends.get(i)::isDone);
      if (!sends.get(i).isCompletedExceptionally()) {
        written.add(i);
      }
    }
    return written;
  }
}
