package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.LocalInterface;
import io.dormouse.network.Network;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import io.dormouse.task.LongRunningTask;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** To the background and back. */
class UdpSuspendTest extends UdpTestBase {
  private final Inbox inbox = new Inbox();
  private final StateLog log = new StateLog();

  @BeforeEach
  void needsTheSystemsSocketTable() {
    assumeThat(OsSockets.isAvailable()).isTrue();
  }

  @Test
  void noSocketIsLeftAndTheSamePortComesBack() {
    int port = freePort();
    UdpConnection udp = opened(registry.udp("discovery").bind(port).onDatagram(inbox).register());
    assertThat(socketsAt(port)).isEqualTo(1);
    suspend();
    assertThat(socketsAt(port)).isZero();
    assertThat(udp.localAddress()).isEmpty();
    registry.assertQuiescent();
    SuspendReport report = Await.get(registry.settled());
    assertThat(report.find("discovery").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);

    lifecycle.onForeground();
    opened(udp);
    assertThat(localPort(udp)).isEqualTo(port);
    assertThat(socketsAt(port)).isEqualTo(1);
    Await.get(udp.send(Texts.bytes("back"), server.address()));
    assertThat(inbox.nextText()).isEqualTo("back");
  }

  @Test
  void whatWasAcceptedBeforeTheSuspendIsSent() {
    UdpConnection udp = opened(registry.udp("last").connectTo(server::address).register());
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add(udp.send(ByteBuffer.allocate(10)));
    }
    Await.get(sent.get(sent.size() - 1));
    suspend();
    sent.forEach(Await::get);
    assertThat(Await.get(registry.settled()).find("last").orElseThrow().outcome())
        .isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  @Test
  void sendsWhileSuspendedAreRefused() {
    UdpConnection udp = opened(registry.udp("asleep").connectTo(server::address).register());
    suspend();
    assertThat(Await.failure(udp.send(Texts.bytes("x"))))
        .isInstanceOf(NotOpenException.class)
        .hasMessageStartingWith("asleep: ");
    assertThat(Await.failure(udp.send(Texts.bytes("x"), server.address())))
        .isInstanceOf(NotOpenException.class);
  }

  @Test
  void taskKeepsTheSocketAndItsEndClosesIt() {
    UdpConnection udp =
        opened(
            registry
                .udp("kept")
                .connectTo(server::address)
                .onDatagram(inbox)
                .onStateChange(log)
                .register());
    UdpConnection other = opened(registry.udp("other").register());
    int otherPort = localPort(other);
    InetSocketAddress local = udp.localAddress().orElseThrow();
    LongRunningTask call = registry.startTask("call", options -> options.covering(udp));
    suspend();
    assertThat(Await.get(registry.settled()).find("kept").orElseThrow().keptBy()).contains("call");
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(udp.localAddress()).contains(local);
    assertThat(socketsAt(otherPort)).isZero();
    Await.get(udp.send(Texts.bytes("still here")));
    assertThat(inbox.nextText()).isEqualTo("still here");

    call.close();
    CloseReason reason = log.await(ConnectionState.SUSPENDED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.TASK_ENDED);
    Await.until("the socket is gone", () -> socketsAt(local.getPort()) == 0);
  }

  /** The socket before may still hold the port, if the new one is made in the same round. */
  @Test
  void thePortIsBoundAgainAtOnce() {
    int port = freePort();
    UdpConnection udp =
        opened(
            registry.udp("hasty").bind(port).retryPolicy(WHEN_TOLD).onStateChange(log).register());
    for (int i = 0; i < 200; i++) {
      udp.pause();
      if (i % 2 == 0) {
        lifecycle.onBackground();
        lifecycle.onForeground();
      }
      udp.resume();
      if (i % 10 == 0) {
        opened(udp);
      }
    }
    letTheLoopCatchUp();
    opened(udp);
    assertThat(localPort(udp)).isEqualTo(port);
    // It also waits, out of SUSPENDED, where the app has left the front just before it connects.
    assertThat(log.changes())
        .as("no attempt fails")
        .noneMatch(
            change ->
                change.from() != ConnectionState.SUSPENDED
                    && change.to() == ConnectionState.WAITING);
    assertThat(socketsAt(port)).isEqualTo(1);
  }

  /** What was asked for so far has begun: an OPEN that is seen now is not about to end. */
  private void letTheLoopCatchUp() {
    SuspendReport unused = Await.get(registry.settled());
  }

  @Test
  void flappingLeavesNoSocket() {
    int port = freePort();
    int before = OsSockets.descriptors();
    UdpConnection bound = registry.udp("bound").bind(port).onStateChange(log).register();
    UdpConnection connected =
        registry
            .udp("connected")
            .connectTo("localhost", server.port())
            .onDatagram(inbox)
            .register();
    for (int i = 0; i < 100; i++) {
      lifecycle.onBackground();
      if (i % 3 == 0) {
        assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
        assertThat(socketsAt(port)).isZero();
      }
      lifecycle.onForeground();
      if (i % 4 == 0) {
        opened(bound);
      }
    }
    letTheLoopCatchUp();
    opened(bound);
    opened(connected);
    assertThat(OsSockets.descriptors()).isEqualTo(before + 2);
    suspend();
    assertThat(OsSockets.descriptors()).isEqualTo(before);
    List<ConnectionState> unused = log.states(); // which checks that they follow each other
  }

  @Test
  void whatACallbackOfAnOlderSocketSendsDoesNotGoOutOnTheNewOne() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    UdpConnection udp =
        opened(
            registry
                .udp("answering")
                .connectTo(server::address)
                .onDatagram(
                    (connection, datagram) -> {
                      if (entered.getCount() == 0) {
                        inbox.accept(connection, datagram);
                        return;
                      }
                      entered.countDown();
                      Await.hold(release);
                      CompletableFuture<?> unused =
                          connection
                              .send(Texts.bytes("the old one's answer"))
                              .whenComplete((sent, failure) -> outcome.complete(failure));
                    })
                .register());
    Await.get(udp.send(Texts.bytes("question")));
    Await.latch(entered);
    suspend();
    lifecycle.onForeground();
    opened(udp);

    release.countDown();

    Throwable failure = Await.get(outcome);
    assertThat(failure).isInstanceOf(SendFailedException.class);
    assertThat(((SendFailedException) failure).reason().kind())
        .isEqualTo(CloseReason.Kind.SUSPENDED);
    Await.get(udp.send(Texts.bytes("new")));
    assertThat(inbox.nextText()).isEqualTo("new");
    assertThat(server.bytesReceived()).isEqualTo("question".length() + "new".length());
  }

  @Test
  void aSupplierThatHangsIsInterruptedAndLeavesNoSocket() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    UdpConnection udp =
        registry
            .udp("hung")
            .connectTo(
                () -> {
                  if (entered.getCount() > 0) {
                    entered.countDown();
                    hang(interrupted);
                  }
                  return server.address();
                })
            .register();
    int before = OsSockets.descriptors();
    Await.latch(entered);
    suspend();
    Await.latch(interrupted);
    registry.assertQuiescent();
    assertThat(OsSockets.descriptors()).isLessThanOrEqualTo(before);
    assertThat(udp.state()).isEqualTo(ConnectionState.SUSPENDED);
    lifecycle.onForeground();
    opened(udp);
  }

  private static void hang(CountDownLatch interrupted) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw new IllegalStateException(e);
    }
  }

  /** A resolver that hangs does not heed an interrupt. */
  @Test
  void aLookUpThatHangsIsOneHoweverOftenTheAppComesAndGoes() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger lookUps = new AtomicInteger();
    Network hanging =
        new ForwardingNetwork() {
          @Override
          public List<LocalInterface> interfaces() throws SocketException {
            lookUps.incrementAndGet();
            while (release.getCount() > 0) {
              try {
                release.await();
              } catch (InterruptedException e) {
                // Not heeded.
              }
            }
            return super.interfaces();
          }
        };
    UdpConnection udp =
        registry.udp("hung").multicastInterface("lo").on(hanging).onStateChange(log).register();
    try {
      Await.until("it looks up", () -> lookUps.get() == 1);
      for (int i = 2; i <= 30; i++) {
        suspend();
        registry.assertQuiescent();
        lifecycle.onForeground();
        log.await(ConnectionState.CONNECTING, i);
      }
      assertThat(lookUps).hasValue(1);
      assertThat(OwnThreads.names()).filteredOn(name -> name.contains("blocking")).hasSize(1);
    } finally {
      release.countDown();
    }
    opened(udp);
    assertThat(lookUps).hasValue(1);
    assertThat(log.states().stream().filter(ConnectionState.OPEN::equals)).hasSize(1);
  }

  @Test
  void theSupplierIsAskedForEachAttemptOffTheIoThread() {
    Queue<String> threads = new ConcurrentLinkedQueue<>();
    UdpConnection udp =
        registry
            .udp("roaming")
            .connectTo(
                () -> {
                  threads.add(Thread.currentThread().getName());
                  return server.address();
                })
            .register();
    opened(udp);
    suspend();
    lifecycle.onForeground();
    opened(udp);
    assertThat(threads).hasSize(2).allMatch(name -> name.contains("-blocking-"));
  }
}
