package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.ClosedPort;
import io.dormouse.support.FourKinds;
import io.dormouse.support.Latency;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.support.Rounds;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the library promises, each by its number, on real sockets. The random walk of the engine's
 * tests checks most of them on virtual time as well, on thousands of ways.
 */
class PromisesTest {
  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void promise1AfterASuspendHasSettledTheProcessHoldsNoSocketButWhatATaskCovers() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      for (Connection kept : four.all()) {
        app.foreground();
        four.awaitOpen();
        four.roundTrips("awake");
        assertThat(four.sockets()).isEqualTo(4);
        LongRunningTask task = app.registry().startTask("task", t -> t.covering(kept));
        SuspendReport report = app.suspend();
        assertThat(report.count(Outcome.KEPT)).isEqualTo(1);
        assertThat(report.count(Outcome.CLOSED_CLEANLY)).as("%s", report).isEqualTo(3);
        assertThat(four.sockets()).isEqualTo(1);
        task.close();
        Await.get(app.registry().settled());
        assertThat(four.sockets()).isZero();
      }
    }
  }

  @Test
  void promise2ASuspendSettlesWithinItsBudgetWhateverThePeersDo() {
    Rounds.untilInTime("settled within the budget", PromisesTest::settlesThoughPeersAreMute);
  }

  private static boolean settlesThoughPeersAreMute() {
    Duration budget = Duration.ofMillis(500); // shorter than the peers' time to close
    try (RawServer mute = new RawServer(); // accepts, and never says or closes anything
        Registries app = new Registries(budget)) {
      List<Connection> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(app.registry().tcp("tcp-" + i).connectTo(LOOPBACK, mute.port()).register());
        app.registry().webSocket("ws-" + i).connectTo("ws://127.0.0.1:" + mute.port()).register();
      }
      app.foreground();
      all.forEach(connection -> Await.get(connection.whenOpen()));
      SuspendReport report = app.suspend();
      long sockets = OsSockets.connectedTo(mute.port());
      assertThat(report.count(Outcome.ABORTED)).isEqualTo(20);
      return report.withinBudget() && sockets == 0;
    }
  }

  @Test
  void promise3AfterAForegroundEverythingWantedOpensHoweverOftenThisWasDone() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      for (int i = 1; i <= 50; i++) {
        app.foreground();
        four.awaitOpen();
        four.roundTrips("time " + i);
        app.suspend();
      }
    }
  }

  @Test
  void promise4InTheBackgroundNothingConnectsPollsOrWakesUp() {
    AtomicInteger asked = new AtomicInteger();
    try (ClosedPort closed = new ClosedPort(); // so that this one would retry all the time
        Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      app.registry()
          .tcp("retries")
          .connectTo(
              () -> {
                asked.incrementAndGet();
                return closed.address();
              })
          .register();
      app.foreground();
      four.awaitOpen();
      Await.until("it retries", () -> asked.get() > 3);
      app.suspend();
      int attempts = asked.get();
      Await.until("spare threads are gone", () -> OwnThreads.names().size() <= 1);
      ThreadInfo loop = loopThread();
      // The one thread that is left sleeps without a limit: no timer, no poll.
      assertThat(loop.getThreadState()).isEqualTo(Thread.State.RUNNABLE); // in the system's wait
      assertThat(Stream.of(loop.getStackTrace()).map(StackTraceElement::getMethodName))
          .contains("select");
      assertThat(asked).hasValue(attempts);
      assertThat(four.sockets()).isZero();
    }
  }

  private static ThreadInfo loopThread() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Stream.of(threads.dumpAllThreads(false, false))
        .filter(thread -> thread.getThreadName().matches("dormouse-\\d+-io"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void promise5EverySendHasOneOutcomeAndThePeerGetsASubsetInOrderAndNothingTwice()
      throws Exception {
    int rounds = 20;
    try (RawServer server = new RawServer();
        Registries app = new Registries()) {
      TcpConnection tcp =
          app.registry().tcp("telemetry").connectTo(LOOPBACK, server.port()).register();
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      List<Integer> received = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        Socket peer = server.next();
        CountDownLatch begun = new CountDownLatch(1);
        Thread sender =
            new Thread(
                () -> {
                  for (int i = 0; i < 200; i++) { // the gate closes somewhere in between
                    ByteBuffer number = ByteBuffer.allocate(4);
                    number.putInt(0, sends.size());
                    sends.add(tcp.send(number));
                    begun.countDown();
                  }
                });
        sender.start();
        Await.latch(begun);
        app.background();
        sender.join();
        received.addAll(readAll(peer));
        Await.get(app.registry().settled());
      }
      List<Integer> written = new ArrayList<>();
      for (int i = 0; i < sends.size(); i++) {
        CompletableFuture<Void> send = sends.get(i);
        Await.until("every send has its outcome", send::isDone);
        if (!send.isCompletedExceptionally()) {
          written.add(i);
        }
      }
      // These peers read to the end, so what was written is what they received.
      assertThat(received).isEqualTo(written);
      assertThat(written).isNotEmpty();
    }
  }

  /** Reads to the end of the stream, as a peer that closes gracefully does, and closes. */
  private static List<Integer> readAll(Socket peer) throws IOException {
    try (peer) {
      byte[] bytes = peer.getInputStream().readAllBytes();
      List<Integer> numbers = new ArrayList<>();
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        numbers.add(buffer.getInt());
      }
      return numbers;
    }
  }

  @Test
  void promise6CallbacksOfAConnectionNeverOverlapAndNoneComesAfterClosed() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      AtomicInteger afterClosed = new AtomicInteger();
      AtomicInteger calls = new AtomicInteger();
      boolean[] closed = new boolean[1]; // written and read by callbacks, one after the other
      TcpConnection tcp =
          app.registry()
              .tcp("watched")
              .connectTo(LOOPBACK, four.tcpPort())
              .onData(
                  (connection, bytes) -> {
                    overlaps.addAndGet(inside.getAndIncrement());
                    afterClosed.addAndGet(closed[0] ? 1 : 0);
                    calls.incrementAndGet();
                    inside.decrementAndGet();
                  })
              .onStateChange(
                  (connection, change) -> {
                    overlaps.addAndGet(inside.getAndIncrement());
                    afterClosed.addAndGet(closed[0] ? 1 : 0);
                    closed[0] |= change.to() == ConnectionState.CLOSED;
                    inside.decrementAndGet();
                  })
              .register();
      StateLog log = new StateLog();
      tcp.addListener(log);
      for (int i = 0; i < 50; i++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        for (int j = 0; j < 20; j++) {
          CompletableFuture<Void> unused = tcp.send(Texts.bytes("hello"));
        }
        // What comes after that is dropped, so the first time waits until something has come.
        Await.until("it is called back", () -> calls.get() > 0);
        app.background();
      }
      app.foreground();
      Await.get(tcp.whenOpen());
      tcp.close();
      log.await(ConnectionState.CLOSED);
      assertThat(calls).hasPositiveValue();
      assertThat(overlaps).hasValue(0);
      assertThat(afterClosed).hasValue(0);
    }
  }

  /**
   * The server echoes: what came back on a socket is what its own generation sent, and no other.
   */
  @Test
  void promise6CallbacksFollowTheGenerationsInOrderAndEachTalksToItsOwnSocket() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      long[] heard = new long[1]; // these three are of callbacks, one after the other
      ByteBuffer unread = ByteBuffer.allocate(1 << 16);
      List<String> wrong = new ArrayList<>();
      AtomicInteger echoes = new AtomicInteger();
      TcpConnection tcp =
          app.registry()
              .tcp("generations")
              .connectTo(LOOPBACK, four.tcpPort())
              .onStateChange(
                  (connection, change) -> {
                    if (change.generation() < heard[0]) {
                      wrong.add(change + " after generation " + heard[0]);
                    } else if (change.generation() > heard[0]) {
                      unread.clear();
                    }
                    heard[0] = change.generation();
                  })
              .onOpen(connection -> send(connection, heard[0]))
              .onData(
                  (connection, bytes) -> {
                    unread.put(bytes);
                    unread.flip();
                    while (unread.remaining() >= Long.BYTES) {
                      long sender = unread.getLong();
                      if (sender != heard[0]) {
                        wrong.add("generation " + heard[0] + " heard " + sender);
                      }
                      echoes.incrementAndGet();
                      send(connection, heard[0]);
                    }
                    unread.compact();
                  })
              .register();
      StateLog log = new StateLog();
      tcp.addListener(log);
      for (int i = 0; i < 50; i++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        int before = echoes.get();
        Await.until("some echoes", () -> echoes.get() > before + 5);
        app.background();
      }
      tcp.close();
      log.await(ConnectionState.CLOSED);
      assertThat(wrong).isEmpty();
    }
  }

  private static void send(TcpConnection connection, long number) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
    bytes.putLong(0, number);
    CompletableFuture<Void> unused = connection.send(bytes);
  }

  @Test
  void promise7ListenersSeeALegalPathCompleteAndInOrder() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      List<StateLog> logs = new ArrayList<>();
      for (Connection connection : four.all()) {
        StateLog log = new StateLog();
        connection.addListener(log);
        logs.add(log);
      }
      for (int i = 0; i < 100; i++) {
        app.foreground();
        if (i % 3 == 0) {
          four.awaitOpen();
        }
        app.background();
      }
      four.all().forEach(Connection::close);
      for (StateLog log : logs) {
        log.await(ConnectionState.CLOSED);
        // Each step begins where the one before ended; StateChange itself refuses illegal ones.
        assertThat(log.changes()).isNotEmpty();
        assertThat(log.states()).endsWith(ConnectionState.CLOSED);
      }
    }
  }

  @Test
  void promise8OneBadPeerListenerOrConnectionNeverDelaysAnother() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (RawServer mute = new RawServer();
        Registries app = new Registries(options -> options.maxConcurrentConnects(2));
        FourKinds four = new FourKinds(app.registry());
        AutoCloseable released = release::countDown) {
      app.foreground();
      four.awaitOpen();
      Latency idle = Latency.of(() -> four.roundTrips("idle"));
      app.suspend();
      List<Connection> blocked = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        // Peers that never answer the handshake get their permits first, two for a second each,
        app.registry()
            .webSocket("mute-" + i)
            .connectTo("ws://127.0.0.1:" + mute.port())
            .handshakeTimeout(Duration.ofMinutes(5))
            .priority(1)
            .register();
      }
      for (int i = 0; i < 10; i++) {
        // and listeners that never return hold threads.
        blocked.add(
            app.registry()
                .tcp("blocked-" + i)
                .connectTo(LOOPBACK, four.tcpPort())
                .onOpen(connection -> Await.hold(release))
                .register());
      }
      app.foreground();
      four.awaitOpen();
      blocked.forEach(connection -> Await.get(connection.whenOpen()));
      idle.assertHeldUpByNothing(() -> four.roundTrips("not held up"));
      SuspendReport report = app.suspend();
      assertThat(report.count(Outcome.CLOSED_CLEANLY)).as("%s", report).isEqualTo(14);
      assertThat(released).isNotNull();
    }
  }

  /** Android's API level 26 is checked by the build, signature by signature; this is the rest. */
  @Test
  void promise12TheLibraryIsCompiledForJava17() throws Exception {
    for (Path file : classFiles()) {
      try (InputStream in = Files.newInputStream(file);
          DataInputStream data = new DataInputStream(in)) {
        assertThat(data.readInt()).isEqualTo(0xCAFEBABE);
        assertThat(data.readInt() & 0xFFFF).as("%s", file).isLessThanOrEqualTo(61); // Java 17
      }
    }
  }

  private static List<Path> classFiles() throws IOException, URISyntaxException {
    Path classes =
        Path.of(
            ConnectionRegistry.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertThat(found).hasSizeGreaterThan(50);
      return found;
    }
  }
}
