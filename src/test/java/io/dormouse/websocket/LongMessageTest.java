package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a long message delays: neither other connections nor the pings behind it. */
class LongMessageTest {
  private static final int BYTES = 12 << 20;

  private final Set<Thread> before = Thread.getAllStackTraces().keySet();
  private final App app = new App();
  private final RawServer server = new RawServer();

  @AfterEach
  void close() {
    server.close();
    app.close();
  }

  /** What has been allocated on the registry's I/O thread. */
  private long allocatedByLoop() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread -> !before.contains(thread) && thread.getName().matches("dormouse-\\d+-io.*"))
        .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getId()))
        .sum();
  }

  /**
   * For whose work all others wait. It copies the bytes once; joining and decoding them takes as
   * much again, twice.
   */
  @ParameterizedTest
  @ValueSource(strings = {"x", "\u4E2D"})
  void theIoThreadTakesItsBytesAndTheCallbacksThreadMakesTheText(String character) {
    int length = BYTES / HandPeer.bytes(character).length;
    BlockingQueue<Integer> lengths = new LinkedBlockingQueue<>();
    app.webSocket(server.port()).onText((ws, text) -> lengths.add(text.length())).register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);
    peer.text("first");
    assertThat(Await.next(lengths)).isEqualTo(5);
    String text = character.repeat(length);

    long allocated = allocatedByLoop();
    peer.text(text);

    assertThat(Await.next(lengths)).isEqualTo(length);
    assertThat(allocatedByLoop() - allocated).isBetween((long) BYTES / 2, 3L * BYTES / 2);
  }

  /** The longer one is more than the bound on what the app has not taken, which stops data. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 2 << 20})
  void aPingBehindItIsAnsweredWhileItsCallbackTakesItsTime(int length) {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean over = new AtomicBoolean();
    app.webSocket(server.port())
        .onBinary(
            (ws, data) -> {
              called.countDown();
              try {
                Await.latch(release);
              } finally {
                over.set(true);
              }
            })
        .register();
    HandPeer peer = HandPeer.accept(server);
    app.await(ConnectionState.OPEN);

    peer.write(HandPeer.frame(true, HandPeer.BINARY, new byte[length]));
    Await.latch(called);
    peer.ping("still there?");

    assertThat(peer.read(HandPeer.PONG).text()).isEqualTo("still there?");
    assertThat(over).isFalse();
    release.countDown();
  }
}
