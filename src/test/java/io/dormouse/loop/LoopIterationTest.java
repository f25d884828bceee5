package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task finds the file descriptors given back of what was closed before it was handed in. */
class LoopIterationTest {
  private SelectorLoop loop;
  private DatagramChannel channel;
  private int port;

  @BeforeEach
  void openAChannel() throws IOException {
    assumeThat(OsSockets.isAvailable()).isTrue();
    loop = SelectorLoop.start("dormouse-iteration-test", () -> {});
    channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.configureBlocking(false);
    port = channel.socket().getLocalPort();
  }

  @AfterEach
  void end() throws Exception {
    channel.close();
    loop.stop();
    assertThat(loop.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTaskHandedInByATimerComesAfterTheSelector() {
    CompletableFuture<Long> left = new CompletableFuture<>();
    loop.execute(
        () -> {
          register(ops -> {});
          Loop.Timer unused = loop.schedule(1, () -> closeAndCountInATask(left));
        });
    assertThat(Await.get(left)).isZero();
  }

  @Test
  void aTaskHandedInByAHandlerComesAfterTheSelector() throws IOException {
    CompletableFuture<Long> left = new CompletableFuture<>();
    loop.execute(() -> register(ops -> closeAndCountInATask(left)));
    try (DatagramChannel sender = DatagramChannel.open()) {
      sender.send(ByteBuffer.allocate(1), channel.getLocalAddress());
    }
    assertThat(Await.get(left)).isZero();
  }

  @Test
  void aTaskHandedInByATaskComesAfterTheSelector() {
    CompletableFuture<Long> left = new CompletableFuture<>();
    loop.execute(
        () -> {
          register(ops -> {});
          loop.execute(() -> closeAndCountInATask(left));
        });
    assertThat(Await.get(left)).isZero();
  }

  private void register(Loop.Handler handler) {
    try {
      Loop.Registration unused = loop.register(channel, SelectionKey.OP_READ, handler);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void closeAndCountInATask(CompletableFuture<Long> left) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    loop.execute(() -> left.complete(OsSockets.count(socket -> socket.localPort() == port)));
  }
}
