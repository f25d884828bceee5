package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.engine.Outgoing;
import io.dormouse.support.Await;
import io.dormouse.support.Texts;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An app that takes its datagrams more slowly than they come. */
class UdpSlowAppTest extends UdpTestBase {
  private static final int LIMIT = 64 << 10;
  private static final int SIZE = 1_000;

  @Override
  ConnectionRegistry newRegistry() {
    return ConnectionRegistry.builder(lifecycle).receiveBufferLimit(LIMIT).build();
  }

  @Test
  void readingStopsAtTheLimitAndGoesOnWhenTheAppHasCaughtUp() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch last = new CountDownLatch(1);
    AtomicInteger taken = new AtomicInteger();
    UdpConnection udp =
        opened(
            registry
                .udp("slow")
                .bind(at("127.0.0.1", 0))
                .onDatagram(
                    (connection, datagram) -> {
                      Await.hold(release);
                      taken.incrementAndGet();
                      if (datagram.data().remaining() == 1) {
                        last.countDown();
                      }
                    })
                .register());
    int most = LIMIT / (SIZE + Outgoing.OVERHEAD) + 1;
    try (DatagramSocket sender = new DatagramSocket()) {
      InetSocketAddress to = udp.localAddress().orElseThrow();
      for (int i = 0; i < 3_000; i++) {
        sender.send(new DatagramPacket(new byte[SIZE], SIZE, to));
      }
      Await.until("reading stops", () -> udp.snapshot().bytesIn() >= (long) most * SIZE);
      for (int i = 0; i < 20; i++) { // rounds of the loop, in which it could go on reading
        Await.get(udp.send(Texts.bytes("x"), server.address()));
      }
      assertThat(udp.snapshot().bytesIn()).isEqualTo((long) most * SIZE);
      assertThat(taken).hasValue(0);

      release.countDown();
      // The system has room for the last one as soon as the others have been read.
      Await.until(
          "what comes later is read again",
          () -> {
            send(sender, to);
            return last.getCount() == 0;
          });
      assertThat(taken.get()).isGreaterThan(most);
    }
  }

  @Test
  void oneSlowConnectionDoesNotDelayAnother() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    UdpConnection slow =
        opened(
            registry
                .udp("slow")
                .connectTo(server::address)
                .onDatagram((connection, datagram) -> Await.hold(release))
                .register());
    Inbox inbox = new Inbox();
    UdpConnection quick =
        opened(registry.udp("quick").connectTo(server::address).onDatagram(inbox).register());
    for (int i = 0; i < 200; i++) {
      Await.get(slow.send(java.nio.ByteBuffer.allocate(SIZE)));
    }
    Await.get(quick.send(Texts.bytes("quick")));
    assertThat(inbox.nextText()).isEqualTo("quick");
    release.countDown();
  }

  private static void send(DatagramSocket sender, InetSocketAddress to) {
    try {
      sender.send(new DatagramPacket(new byte[1], 1, to));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
