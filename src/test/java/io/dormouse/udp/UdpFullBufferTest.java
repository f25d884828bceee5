package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.engine.Engine;
import io.dormouse.engine.EngineSettings;
import io.dormouse.engine.Environment;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.Outgoing;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.network.Reach;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.UdpEchoServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens while the system has no room for what is sent. */
class UdpFullBufferTest {
  private static final int QUEUE = 10_000;

  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final UdpEchoServer server = new UdpEchoServer();
  private final Inbox inbox = new Inbox();
  private final StateLog log = new StateLog();
  private final StingyNetwork network = new StingyNetwork();
  private final SelectorLoop loop = SelectorLoop.start("dormouse-full-io", () -> {});
  private final Callbacks callbacks =
      Callbacks.withOwnThreads(loop, loop, "dormouse-full", Optional.empty());
  private Engine engine;
  private UdpHandle udp;

  private void begin() {
    begin(Duration.ofSeconds(20));
  }

  private void begin(Duration budget) {
    begin(budget, QUEUE);
  }

  private void begin(Duration budget, long queueBytes) {
    server.start();
    engine =
        new Engine(
            new Environment(
                loop,
                network,
                callbacks,
                new EngineSettings(
                    budget,
                    budget,
                    64,
                    Duration.ZERO,
                    queueBytes,
                    1 << 20,
                    RetryPolicy.standard(),
                    Reach.standard())),
            lifecycle,
            () -> {});
    engine.start();
    lifecycle.onForeground();
    UdpOptions options =
        new UdpOptions(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Map.of(),
            inbox,
            Optional.empty());
    LinkOptions link =
        new LinkOptions(
            "full",
            ConnectionKind.UDP,
            0,
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            RetryPolicy.standard(),
            Reach.standard());
    udp = new UdpHandle(engine, link, options, network);
    udp.addListener(log);
    engine.register(udp);
    Await.get(udp.whenOpen());
  }

  @AfterEach
  void end() throws InterruptedException {
    engine.close();
    for (StingyNetwork.Stingy socket : network.sockets) {
      socket.room.set(Integer.MAX_VALUE);
    }
    Await.until("it is closed", () -> udp.state() == ConnectionState.CLOSED);
    callbacks.shutdown();
    loop.stop();
    assertThat(loop.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
    assertThat(callbacks.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
    server.close();
  }

  @Test
  void whatWaitsForRoomGoesOutInOrderEmptyOnesToo() {
    begin();
    List<CompletableFuture<Void>> sent = sendAll("one", "", "two", "", "", "three");
    turnTheLoop();
    assertThat(sent).noneMatch(CompletableFuture::isDone);
    for (String expected : List.of("one", "", "two", "", "", "three")) {
      socket().room.incrementAndGet();
      assertThat(inbox.nextText()).isEqualTo(expected);
    }
    sent.forEach(Await::get);
    assertThat(udp.snapshot().bytesOut()).isEqualTo(11);
  }

  @Test
  void whatWaitsIsBoundedEmptyOnesToo() {
    begin();
    Throwable refused = null;
    int accepted = 0;
    while (refused == null) {
      CompletableFuture<Void> sent = udp.send(ByteBuffer.allocate(0), server.address());
      if (sent.isCompletedExceptionally()) {
        refused = Await.failure(sent);
      } else {
        accepted++;
      }
    }
    assertThat(refused).isInstanceOf(SendQueueFullException.class);
    assertThat(accepted).isEqualTo(QUEUE / Outgoing.OVERHEAD);
  }

  @Test
  void suspendWaitsForRoomAndThenClosesInGoodOrder() {
    begin();
    List<CompletableFuture<Void>> sent = sendAll("one", "two");
    turnTheLoop();
    lifecycle.onBackground();
    log.await(ConnectionState.DRAINING);
    turnTheLoop();
    assertThat(udp.state()).isEqualTo(ConnectionState.DRAINING);
    socket().room.set(2);
    SuspendReport report = Await.get(engine.settled());
    assertThat(report.find("full").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    sent.forEach(Await::get);
    assertThat(udp.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  @Test
  void foregroundDuringTheDrainKeepsTheSocket() {
    begin();
    List<CompletableFuture<Void>> sent = new ArrayList<>(sendAll("one"));
    lifecycle.onBackground();
    log.await(ConnectionState.DRAINING);
    lifecycle.onForeground();
    log.await(ConnectionState.OPEN, 2);
    sent.addAll(sendAll("two"));
    socket().room.set(2);
    assertThat(inbox.nextText()).isEqualTo("one");
    assertThat(inbox.nextText()).isEqualTo("two");
    sent.forEach(Await::get);
    turnTheLoop();
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(network.sockets).hasSize(1);
  }

  @Test
  void whatNeverFindsRoomFailsAtTheEndOfTheBudget() {
    begin(Duration.ofMillis(300));
    List<CompletableFuture<Void>> sent = sendAll("one", "", "two");
    socket().room.set(1);
    Await.get(sent.get(0));
    lifecycle.onBackground();
    SuspendReport.Entry entry = Await.get(engine.settled()).find("full").orElseThrow();
    assertThat(entry.outcome()).isEqualTo(Outcome.ABORTED);
    for (CompletableFuture<Void> unsent : sent.subList(1, 3)) {
      assertThat(reasonOf(unsent)).isEqualTo(CloseReason.Kind.SUSPENDED);
    }
    assertThat(socket().isOpen()).isFalse();
    assertThat(inbox.nextText()).isEqualTo("one");
  }

  @Test
  void whatCouldNotBeSentIsNotKeptInMemory() {
    int datagrams = 500;
    int size = 50_000;
    begin(Duration.ofMillis(300), 2L * datagrams * size);
    long before = usedMemory();
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < datagrams; i++) {
      sent.add(udp.send(ByteBuffer.allocate(size), server.address()));
    }
    turnTheLoop();
    // Most of it: garbage of others may have gone since.
    assertThat(usedMemory() - before).isGreaterThan((long) datagrams * size / 2);
    lifecycle.onBackground();
    SuspendReport unused = Await.get(engine.settled());
    sent.forEach(Await::failure);
    // The futures and the handle are still held, as the app may.
    assertThat(usedMemory() - before).isLessThan((long) datagrams * size / 5);
    assertThat(sent).hasSize(datagrams);
    assertThat(udp.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void whatTheWireThrowsOnTheLoopEndsItsGenerationAndNothingElse() {
    begin();
    List<CompletableFuture<Void>> sent = sendAll("one", "two");
    turnTheLoop();
    socket().broken = true;
    socket().room.set(2);
    assertThat(reasonOf(sent.get(0))).isEqualTo(CloseReason.Kind.INTERNAL_ERROR);
    assertThat(reasonOf(sent.get(1))).isEqualTo(CloseReason.Kind.INTERNAL_ERROR);
    assertThat(socket().isOpen()).isFalse();
    log.await(ConnectionState.OPEN, 2); // the policy tries again
    socket().room.set(1);
    Await.get(udp.send(Texts.bytes("three"), server.address()));
    assertThat(inbox.nextText()).isEqualTo("three");
  }

  private static CloseReason.Kind reasonOf(CompletableFuture<Void> sent) {
    Throwable failure = Await.failure(sent);
    assertThat(failure).isInstanceOf(SendFailedException.class);
    return ((SendFailedException) failure).reason().kind();
  }

  private List<CompletableFuture<Void>> sendAll(String... texts) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (String text : texts) {
      sent.add(udp.send(Texts.bytes(text), server.address()));
    }
    return sent;
  }

  private StingyNetwork.Stingy socket() {
    return network.sockets.get(network.sockets.size() - 1);
  }

  private void turnTheLoop() {
    for (int i = 0; i < 20; i++) {
      CompletableFuture<Void> turned = new CompletableFuture<>();
      loop.execute(() -> turned.complete(null));
      Await.get(turned);
    }
  }
}
