package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What OkHttp needs of a socket, as the JDK's does it. */
class SimulatedSocketTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server = world.host("203.0.113.1").serve(7, Peers.echo());
  private final InetSocketAddress address = new InetSocketAddress(server.address(), 7);
  private final SocketFactory sockets = world.httpClient(new OkHttpClient()).socketFactory();

  @AfterEach
  void close() {
    world.assertNothingLeaks();
    world.close();
  }

  private Socket connect() throws IOException {
    Socket socket = sockets.createSocket();
    socket.connect(address);
    return socket;
  }

  @Test
  void bytesGoThereAndBack() throws IOException {
    try (Socket socket = connect()) {
      assertThat(socket.getRemoteSocketAddress()).isEqualTo(address);
      assertThat(socket.isConnected()).isTrue();
      socket.getOutputStream().write("hello".getBytes(UTF_8));
      assertThat(socket.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(UTF_8));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).as("the peer ends too").isEqualTo(-1);
    }
  }

  @Test
  void aSocketThatNobodyClosesLeaks() throws IOException {
    try (Socket socket = connect()) {
      assertThatThrownBy(world::assertNothingLeaks).hasMessageContaining("open sockets: 1");
      assertThat(socket.isClosed()).isFalse();
    }
  }

  @Test
  void aReadWaitsForSoLong() throws IOException {
    try (Socket socket = connect()) {
      Duration before = world.elapsed();
      socket.setSoTimeout(1_500);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("Read timed out");
      assertThat(world.elapsed().minus(before)).isEqualTo(Duration.ofMillis(1_500));
      socket.getOutputStream().write(7);
      assertThat(socket.getInputStream().read()).as("it still works").isEqualTo(7);
    }
  }

  @Test
  void aConnectWaitsForSoLong() throws IOException {
    server.silence(7);
    try (Socket socket = sockets.createSocket()) {
      assertThatThrownBy(() -> socket.connect(address, 2_000))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(world.elapsed()).isEqualTo(Duration.ofSeconds(2));
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @Test
  void aNameIsNotConnectedTo() throws IOException {
    try (Socket socket = sockets.createSocket()) {
      InetSocketAddress name = InetSocketAddress.createUnresolved("h.example", 7);
      assertThatThrownBy(() -> socket.connect(name)).isInstanceOf(UnknownHostException.class);
    }
  }

  @Test
  void withoutLingeringItResets() throws IOException {
    Socket socket = connect();
    socket.setSoLinger(true, 0);
    socket.close();
    world.advance(SECOND);
    assertThat(world.timeline().toText()).contains("192.0.2.1:32768 resets 203.0.113.1:7");
    Socket other = connect();
    other.close();
    world.advance(SECOND);
    assertThat(world.timeline().toText()).contains("192.0.2.1:32769 ends its side");
  }

  /** OkHttp has threads of its own, which run while the world does, or while nobody does. */
  @Test
  void aThreadOutsideClosesWithoutTouchingTheNetwork() throws Exception {
    Socket socket = connect();
    Thread other = new Thread(() -> assertThat(socket).satisfies(Socket::close));
    other.start();
    other.join();
    assertThat(socket.isClosed()).isTrue();
    assertThat(world.network().openSockets()).as("in its time").isEqualTo(1);
    world.advance(Duration.ZERO);
    assertThat(world.network().openSockets()).isZero();
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
  }

  @Test
  void whoReadsWhileItIsClosedIsTold() throws IOException {
    Socket socket = connect();
    world.after(SECOND, () -> assertThat(socket).satisfies(Socket::close));
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
  }

  /** Two at a time would be at the mercy of the scheduler. */
  @Test
  void aThreadOutsideDoesNotReadWhileTheWorldRuns() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    try (Socket socket = connect()) {
      socket.getOutputStream().write(7); // is there again when somebody reads it
      world.after(
          SECOND,
          () -> {
            CompletableFuture<Integer> read =
                CompletableFuture.supplyAsync(
                    () -> {
                      try {
                        return socket.getInputStream().read();
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      }
                    });
            failures.add(read.handle((value, failure) -> failure).join());
          });
      world.advance(SECOND);
    }
    assertThat(failures.get(0))
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("SimulatedWorld.threads()");
  }

  /**
   * As OkHttp would find out of one in its pool; not of one whose response somebody reads slowly.
   */
  @Test
  void whatComesWhileNobodyUsesItMakesItUseless() throws IOException {
    try (SimulatedSocket socket = (SimulatedSocket) connect()) {
      socket.inUse(true);
      server.resetAll();
      world.advance(Duration.ofSeconds(11));
      assertThat(socket.isClosed()).isFalse();
      socket.inUse(false);
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @Test
  void whatWasNotReadIsStillThereAfterTheServersEnd() throws IOException {
    server.serve(7, Peers.halfClosing(ByteBuffer.wrap("bye".getBytes(UTF_8))));
    try (Socket socket = connect()) {
      world.advance(SECOND);
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(UTF_8));
    }
  }
}
