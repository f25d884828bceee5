package io.dormouse.udp;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.support.Await;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sending and receiving. */
class UdpConnectionTest extends UdpTestBase {
  private final Inbox inbox = new Inbox();

  @Test
  void connectedSocketSendsAndReceives() {
    UdpConnection udp =
        opened(
            registry
                .udp("echo")
                .connectTo("127.0.0.1", server.port())
                .onDatagram(inbox)
                .register());
    Await.get(udp.send(Texts.bytes("hello")));
    Datagram answer = inbox.next();
    assertThat(answer.bytes()).isEqualTo("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(answer.sender()).isEqualTo(server.address());
    assertThat(udp.remoteAddress()).contains(server.address());
    assertThat(udp.snapshot().bytesOut()).isEqualTo(5);
    assertThat(udp.snapshot().bytesIn()).isEqualTo(5);
  }

  @Test
  void unconnectedSocketSendsToAnAddress() {
    UdpConnection udp = opened(registry.udp("echo").onDatagram(inbox).register());
    Await.get(udp.send(Texts.bytes("hello"), server.address()));
    assertThat(inbox.nextText()).isEqualTo("hello");
    assertThat(udp.remoteAddress()).isEmpty();
    assertThat(localPort(udp)).isPositive();
  }

  @Test
  void connectedSocketSendsToItsOwnPeerByAddressToo() {
    UdpConnection udp =
        opened(registry.udp("echo").connectTo(server::address).onDatagram(inbox).register());
    Await.get(udp.send(Texts.bytes("hello"), server.address()));
    assertThat(inbox.nextText()).isEqualTo("hello");
  }

  @Test
  void arraysAreSentToo() {
    UdpConnection connected =
        opened(registry.udp("connected").connectTo(server::address).onDatagram(inbox).register());
    Await.get(connected.send(new byte[] {'1'}));
    assertThat(inbox.nextText()).isEqualTo("1");
    UdpConnection free = opened(registry.udp("free").onDatagram(inbox).register());
    Await.get(free.send(new byte[] {'2'}, server.address()));
    assertThat(inbox.nextText()).isEqualTo("2");
  }

  @Test
  void hostNameIsLookedUp() {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("localhost", server.port());
    UdpConnection udp =
        opened(
            registry
                .udp("echo")
                .family(java.net.StandardProtocolFamily.INET)
                .connectTo(() -> unresolved)
                .onDatagram(inbox)
                .register());
    Await.get(udp.send(Texts.bytes("hello")));
    assertThat(inbox.nextText()).isEqualTo("hello");
  }

  @Test
  void theAppMayReuseItsBufferAtOnce() {
    UdpConnection udp =
        opened(registry.udp("echo").connectTo(server::address).onDatagram(inbox).register());
    ByteBuffer buffer = Texts.bytes("..one");
    buffer.position(2);
    CompletableFuture<Void> first = udp.send(buffer);
    assertThat(buffer.position()).isEqualTo(2);
    buffer.put(2, (byte) 'X');
    Await.get(first);
    assertThat(inbox.nextText()).isEqualTo("one");
  }

  @Test
  void emptyDatagramsGoBothWays() {
    UdpConnection udp = opened(registry.udp("echo").onDatagram(inbox).register());
    Await.get(udp.send(ByteBuffer.allocate(0), server.address()));
    assertThat(inbox.next().bytes()).isEmpty();
    Await.get(udp.send(Texts.bytes("one"), server.address()));
    Await.get(udp.send(ByteBuffer.allocate(0), server.address()));
    Await.get(udp.send(Texts.bytes("two"), server.address()));
    assertThat(List.of(inbox.nextText(), inbox.nextText(), inbox.nextText()))
        .containsExactly("one", "", "two");
  }

  /** Java says "written" of an empty datagram on a connected channel, and writes nothing. */
  @Test
  void emptyDatagramOverAConnectedSocketIsRefusedSinceJavaWouldNotSendIt() {
    UdpConnection udp = opened(registry.udp("echo").connectTo(server::address).register());
    assertThatThrownBy(() -> udp.send(ByteBuffer.allocate(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("echo: an empty datagram");
    assertThatThrownBy(() -> udp.send(ByteBuffer.allocate(0), server.address()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLongestDatagramGoesBothWays() {
    UdpConnection udp =
        opened(registry.udp("echo").connectTo(server::address).onDatagram(inbox).register());
    Await.get(udp.send(ByteBuffer.allocate(65_507)));
    assertThat(inbox.next().bytes()).hasSize(65_507);
  }

  @Test
  void eachSendHasOneOutcomeAndTheOrderIsKept() throws Exception {
    int count = 2_000;
    List<Integer> completed = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger outcomes = new AtomicInteger();
    List<Integer> arrived = Collections.synchronizedList(new ArrayList<>());
    try (DatagramSocket sink = new DatagramSocket(0, at("127.0.0.1", 0).getAddress())) {
      Thread reader = new Thread(() -> drain(sink, arrived, count - 1), "sink");
      reader.setDaemon(true);
      reader.start();
      UdpConnection udp =
          opened(registry.udp("burst").connectTo("127.0.0.1", sink.getLocalPort()).register());
      List<CompletableFuture<Void>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        ByteBuffer data = ByteBuffer.allocate(4).putInt(0, number);
        CompletableFuture<Void> sent = udp.send(data);
        futures.add(
            sent.whenComplete(
                (done, failure) -> {
                  outcomes.incrementAndGet();
                  completed.add(number);
                }));
      }
      futures.forEach(Await::get);
      // The last one again and again: the system may have dropped any when the sink was slow.
      Await.until(
          "the sink is done",
          () -> {
            Await.get(udp.send(ByteBuffer.allocate(4).putInt(0, count - 1)));
            return !reader.isAlive();
          });
    }
    assertThat(outcomes).hasValue(count);
    assertThat(completed).isEqualTo(IntStream.range(0, count).boxed().collect(toList()));
    assertThat(arrived).isSorted().doesNotHaveDuplicates();
  }

  private static void drain(DatagramSocket from, List<Integer> into, int last) {
    try {
      int number = -1;
      while (number != last) {
        DatagramPacket packet = new DatagramPacket(new byte[4], 4);
        from.receive(packet);
        number = ByteBuffer.wrap(packet.getData()).getInt();
        into.add(number);
      }
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void boundPortIsTheOneThatWasAskedFor() throws Exception {
    int port = freePort();
    UdpConnection udp = opened(registry.udp("bound").bind(port).onDatagram(inbox).register());
    assertThat(localPort(udp)).isEqualTo(port);
    try (DatagramSocket sender = new DatagramSocket()) {
      sender.send(new DatagramPacket(new byte[] {'h', 'i'}, 2, at("127.0.0.1", port)));
    }
    assertThat(inbox.nextText()).isEqualTo("hi");
  }

  @Test
  void boundAddressIsTheOneThatWasAskedFor() {
    InetSocketAddress local = at("127.0.0.1", 0);
    UdpConnection udp = opened(registry.udp("bound").bind(local).register());
    assertThat(udp.localAddress().orElseThrow().getAddress()).isEqualTo(local.getAddress());
  }

  @Test
  void onOpenRunsOnceForEachSocket() {
    AtomicInteger opened = new AtomicInteger();
    StateLog log = new StateLog();
    UdpConnection udp =
        registry
            .udp("greeter")
            .connectTo(server::address)
            .onOpen(
                connection -> {
                  CompletableFuture<Void> unused = connection.send(Texts.bytes("hello"));
                  opened.incrementAndGet();
                })
            .onStateChange(log)
            .onDatagram(inbox)
            .register();
    for (int round = 1; round <= 3; round++) {
      opened(udp);
      log.await(ConnectionState.OPEN, round);
      assertThat(inbox.nextText()).isEqualTo("hello");
      assertThat(opened).hasValue(round);
      suspend();
      lifecycle.onForeground();
    }
  }

  @Test
  void datagramThatComesOnTheWayOfACallbackThatThrowsIsNotLost() {
    UdpConnection udp =
        opened(
            registry
                .udp("careless")
                .connectTo(server::address)
                .onDatagram(
                    (connection, datagram) -> {
                      inbox.accept(connection, datagram);
                      throw new IllegalStateException("on purpose");
                    })
                .register());
    Await.get(udp.send(Texts.bytes("one")));
    assertThat(inbox.nextText()).isEqualTo("one");
    Await.get(udp.send(Texts.bytes("two")));
    assertThat(inbox.nextText()).isEqualTo("two");
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void pauseAndResumeAndClose() {
    UdpConnection udp = opened(registry.udp("paused").bind(freePort()).register());
    int port = localPort(udp);
    StateLog log = new StateLog();
    udp.addListener(log);
    udp.pause();
    log.await(ConnectionState.SUSPENDED);
    assertThat(socketsAt(port)).isZero();
    udp.resume();
    opened(udp);
    assertThat(socketsAt(port)).isEqualTo(1);
    udp.close();
    log.await(ConnectionState.CLOSED);
    assertThat(udp.localAddress()).isEmpty();
    assertThat(Await.failure(udp.send(Texts.bytes("x"), server.address())))
        .isInstanceOf(NotOpenException.class);
    Await.until("the socket is gone", () -> socketsAt(port) == 0);
  }

  @Test
  void datagramIsReadableAgainAndAgain() {
    Datagram datagram =
        new Datagram(server.address(), ByteBuffer.wrap(new byte[] {9, 1, 2, 3}, 1, 3));
    ByteBuffer first = datagram.data();
    assertThat(first.get()).isEqualTo((byte) 1);
    assertThat(first.isReadOnly()).isTrue();
    assertThat(datagram.data().remaining()).isEqualTo(3);
    assertThat(datagram.bytes()).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> first.put(0, (byte) 5))
        .isInstanceOf(java.nio.ReadOnlyBufferException.class);
  }
}
