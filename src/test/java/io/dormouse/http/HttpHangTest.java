package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** Whatever of the app's hangs, a suspend is over within its budget, and the loop never waits. */
class HttpHangTest {
  private final CountDownLatch release = new CountDownLatch(1);

  /** OkHttp calls the listener under the dispatcher's lock then. */
  @Test
  void aListenerThatHangsWhileTheDispatcherCancelsAllDoesNotHoldUpTheSuspend() {
    CountDownLatch hangs = new CountDownLatch(1);
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .eventListener(
                  new EventListener() {
                    @Override
                    public void canceled(Call call) {
                      hangs.countDown();
                      Await.hold(release);
                    }
                  })
              .build();
      OkHttpClient client = rig.register("api", builder -> builder.client(base)).client();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(client, "/hold");
      rig.awaitArrived(1);
      Thread cancels = new Thread(() -> client.dispatcher().cancelAll());
      cancels.start();
      Await.latch(hangs);
      assertThat(rig.suspend().took()).isLessThan(HttpRig.SOON);
      release.countDown();
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aProxySelectorThatHangsIsNotWaitedForAtAll() {
    CountDownLatch asked = new CountDownLatch(1);
    ProxySelector selector =
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            asked.countDown();
            Await.hold(release);
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        };
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET, HttpRig.LONG_BUDGET)) {
      OkHttpClient base = new OkHttpClient.Builder().proxySelector(selector).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      Duration idle = rig.suspend().took();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(asked);
      assertThat(rig.suspend().took()).isLessThan(idle.plus(HttpRig.SOON));
      release.countDown();
      assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
      assertThat(rig.arrived).hasValue(0);
    }
  }

  @Test
  void aSocketThatIsMadeTooLateIsNotConnectedWhileOthersAreDrained() {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicBoolean hangs = new AtomicBoolean();
    AtomicReference<Socket> latest = new AtomicReference<>();
    Supplier<Socket> slow =
        () -> {
          if (hangs.get()) {
            asked.countDown();
            Await.hold(release);
          }
          latest.set(new Socket());
          return latest.get();
        };
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base = new OkHttpClient.Builder().socketFactory(new OwnSockets(slow)).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> drained = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      hangs.set(true);
      CompletableFuture<String> late = rig.enqueue(http.client(), "/ok");
      Await.latch(asked);
      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      release.countDown();
      assertThat(Await.failure(late)).isInstanceOf(SuspendedException.class);
      assertThat(latest.get().isConnected()).isFalse();
      assertThat(drained).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      assertThat(rig.settled().took()).isLessThan(HttpRig.SOON);
    }
  }

  @Test
  void aSocketWhoseCloseHangsDoesNotHoldUpTheLoop() {
    Supplier<Socket> hanging =
        () ->
            new Socket() {
              @Override
              public synchronized void close() throws IOException {
                Await.hold(release);
                super.close();
              }
            };
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.SHORT_BUDGET)) {
      OkHttpClient base = new OkHttpClient.Builder().socketFactory(new OwnSockets(hanging)).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      rig.lifecycle.onBackground();
      SuspendReport report = Await.get(rig.registry.settled());
      assertThat(report.took()).isLessThan(HttpRig.SOON);
      assertThat(report.socketsLeft()).as("it says what it could not close").isEqualTo(1);
      release.countDown();
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
      Await.until("closed", () -> rig.openSockets() == 0);
      rig.registry.assertQuiescent();
    }
  }

  /** It is closed off the loop, and the report waits for that as long as the budget lasts. */
  @Test
  void aSocketWhoseCloseTakesAWhileIsClosedWhenTheSuspendHasSettled() {
    AtomicReference<HttpConnection> connection = new AtomicReference<>();
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET, Duration.ofMillis(50))) {
      Supplier<Socket> slow =
          () ->
              new Socket() {
                @Override
                public synchronized void close() throws IOException {
                  Await.until(
                      "cut off", () -> connection.get().state() == ConnectionState.SUSPENDED);
                  rig.lifecycle.awaitLoop(rig.registry); // it has looked whether all are closed
                  rig.lifecycle.awaitLoop(rig.registry);
                  super.close();
                }
              };
      OkHttpClient base = new OkHttpClient.Builder().socketFactory(new OwnSockets(slow)).build();
      HttpConnection http =
          rig.register("api", builder -> builder.client(base).inFlight(InFlight.CANCEL));
      connection.set(http);
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      SuspendReport report = rig.suspend();
      assertThat(report.socketsLeft()).isZero();
      assertThat(report.took()).isLessThan(HttpRig.SOON);
      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
      assertThat(Await.failure(call)).isInstanceOf(CutOffException.class);
    }
  }

  /** A peer that does not read any more, and a buffer that is full: TLS can't send close_notify. */
  @Test
  void aCloseNotifyThatBlocksTakesTheCloseTimeoutAndNotTheBudget() throws IOException {
    AtomicBoolean full = new AtomicBoolean();
    Supplier<Socket> clogged =
        () ->
            new Socket() {
              @Override
              public OutputStream getOutputStream() throws IOException {
                return new FilterOutputStream(super.getOutputStream()) {
                  @Override
                  public void write(byte[] bytes, int from, int count) throws IOException {
                    if (full.get()) {
                      Await.until("closed", () -> isClosed());
                    }
                    out.write(bytes, from, count);
                  }
                };
              }
            };
    try (HttpRig rig = new HttpRig(Flavor.HTTPS_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base = rig.flavor.client().socketFactory(new OwnSockets(clogged)).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
      full.set(true);
      rig.lifecycle.onBackground();
      assertThat(Await.get(rig.registry.settled()).took()).isLessThan(HttpRig.SOON);
      Await.until("closed", () -> rig.openSockets() == 0); // elsewhere, as it is the app's own
      rig.registry.assertQuiescent();
    }
  }
}
