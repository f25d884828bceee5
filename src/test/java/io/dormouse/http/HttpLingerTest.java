package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Sockets whose close lingers, since there is unsent data and the app's factory has set SO_LINGER.
 * Meanwhile JDK 17 blocks whoever asks such a socket anything, and JDK 21 says that it is closed.
 */
class HttpLingerTest {
  private final CountDownLatch lingers = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger made = new AtomicInteger();

  /** As on JDK 17, on every JDK. */
  private final class Lingering extends Socket {
    private volatile boolean isLingering;

    @Override
    public synchronized void close() throws IOException {
      isLingering = true;
      lingers.countDown();
      Await.hold(release);
      isLingering = false;
      super.close();
    }

    @Override
    public boolean isClosed() {
      waitForClose();
      return super.isClosed();
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
      waitForClose();
      super.setSoLinger(on, seconds);
    }

    private void waitForClose() {
      if (isLingering) {
        Await.hold(release);
      }
    }
  }

  /** Only the first one lingers. */
  private HttpConnection register(HttpRig rig, Supplier<Socket> first) {
    OwnSockets sockets =
        new OwnSockets(() -> made.getAndIncrement() == 0 ? first.get() : new Socket());
    OkHttpClient base = new OkHttpClient.Builder().socketFactory(sockets).build();
    return rig.register("api", builder -> builder.client(base));
  }

  /** The suspend is over in time and names it, the loop goes on, and then its close may return. */
  private void leaveWhileOneLingers(HttpRig rig) {
    rig.lifecycle.onBackground();
    SuspendReport report = Await.get(rig.registry.settled());
    assertThat(report.took()).isLessThan(HttpRig.SOON);
    assertThat(report.socketsLeft()).isEqualTo(1);
    rig.lifecycle.awaitLoop(rig.registry);
    release.countDown();
  }

  private void awaitNothingOpen(HttpRig rig) {
    rig.registry.settled().join();
    Await.until("closed", () -> rig.openSockets() == 0);
    Await.until(
        "known to be closed",
        () -> {
          try {
            rig.registry.assertQuiescent();
            return true;
          } catch (IllegalStateException e) {
            return false;
          }
        });
  }

  @Test
  void aSocketThatLingersWhenItIsCutOffIsReportedAndHoldsUpNobody() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.SHORT_BUDGET)) {
      HttpConnection http = register(rig, Lingering::new);
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      leaveWhileOneLingers(rig);
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
      awaitNothingOpen(rig);
    }
  }

  @Test
  void aSocketThatLingersSinceTheAppCancelledItsCallIsReportedAndHoldsUpNobody()
      throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.SHORT_BUDGET)) {
      HttpConnection http = register(rig, Lingering::new);
      rig.lifecycle.onForeground();
      Call canceled = http.client().newCall(rig.request("/hold"));
      CompletableFuture<String> call = HttpRig.enqueue(canceled);
      rig.awaitArrived(1);
      new Thread(canceled::cancel).start();
      Await.latch(lingers);

      assertThat(rig.get(http.client(), "/ok")).as("another call").isEqualTo("hello");

      leaveWhileOneLingers(rig);
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
      awaitNothingOpen(rig);
    }
  }

  /** A request of which more is sent than the peer's buffer takes, and which then goes on later. */
  private final class SlowBody extends RequestBody {
    private final CountDownLatch sent = new CountDownLatch(1);

    @Override
    public @Nullable MediaType contentType() {
      return null;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(new byte[100_000]).flush();
      sent.countDown();
      Await.hold(release);
    }
  }

  /** A peer that reads nothing. */
  private static ServerSocket deaf() throws IOException {
    ServerSocket deaf = new ServerSocket();
    deaf.setReceiveBufferSize(4_096);
    deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return deaf;
  }

  private static Request request(ServerSocket to, SlowBody body) {
    String host = to.getInetAddress().getHostAddress();
    return new Request.Builder()
        .url("http://" + host + ":" + to.getLocalPort() + "/")
        .post(body)
        .build();
  }

  /** The system's own lingering: the peer is there, and never reads. */
  @Test
  void aSystemThatLingersHoldsUpNobodyEither() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.SHORT_BUDGET);
        ServerSocket deaf = deaf()) {
      HttpConnection http = register(rig, HttpLingerTest::lingering);
      rig.lifecycle.onForeground();
      SlowBody body = new SlowBody();
      Call canceled = http.client().newCall(request(deaf, body));
      CompletableFuture<String> call = HttpRig.enqueue(canceled);
      try (Socket peer = deaf.accept()) {
        Await.latch(body.sent);
        Thread cancels = new Thread(canceled::cancel);
        cancels.start();
        Await.until("it lingers", () -> isIn(cancels, "close0"));
        leaveWhileOneLingers(rig);
        assertThat(peer.isConnected()).isTrue();
      } // and resets it, since there is something that it has not read
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
      awaitNothingOpen(rig);
    }
  }

  /** Nobody else closes it, so it has to be told not to linger. */
  @Test
  void oneThatWouldLingerIsResetWhenItIsCutOff() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.SHORT_BUDGET);
        ServerSocket deaf = deaf()) {
      HttpConnection http = register(rig, HttpLingerTest::lingering);
      rig.lifecycle.onForeground();
      SlowBody body = new SlowBody();
      CompletableFuture<String> call = HttpRig.enqueue(http.client().newCall(request(deaf, body)));
      try (Socket peer = deaf.accept()) {
        Await.latch(body.sent);
        rig.lifecycle.onBackground();
        Await.get(rig.registry.settled());
        awaitNothingOpen(rig);
        assertThat(peer.isConnected()).isTrue(); // it has not closed before
      } finally {
        release.countDown();
      }
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
    }
  }

  /** Makes sockets that linger for longer than any test. */
  private static Socket lingering() {
    try {
      Socket socket = new Socket();
      socket.setSoLinger(true, (int) Await.LIMIT.multipliedBy(4).toSeconds());
      socket.setSendBufferSize(1 << 20); // so that nobody blocks as it writes
      return socket;
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isIn(Thread thread, String method) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().startsWith(method)) {
        return true;
      }
    }
    return false;
  }
}
