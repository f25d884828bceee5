package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The app's own client and what it brings along; bad input. */
class HttpClientTest {
  private final HttpRig rig = new HttpRig(Flavor.HTTP_1);

  @AfterEach
  void close() {
    rig.close();
  }

  // ------------------------------------------------------------------------------ the app's own

  @Test
  void theAppsOwnClientIsLeftAlone() throws IOException {
    OkHttpClient base = new OkHttpClient();
    base.dispatcher().setMaxRequests(7);
    base.dispatcher().setMaxRequestsPerHost(3);
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.onForeground();
    rig.get(http.client(), "/ok");
    rig.get(base, "/ok");
    CompletableFuture<String> call = rig.enqueue(base, "/hold");
    rig.awaitArrived(3);

    assertThat(http.client().connectionPool()).isNotSameAs(base.connectionPool());
    assertThat(http.client().dispatcher().getMaxRequests()).isEqualTo(7);
    assertThat(http.client().dispatcher().getMaxRequestsPerHost()).isEqualTo(3);
    assertThat(base.interceptors()).isEmpty();

    rig.lifecycle.onBackground();
    assertThat(Await.get(rig.registry.settled()).socketsLeft()).isZero();
    assertThat(rig.openSockets()).isEqualTo(1);
    rig.registry.assertQuiescent();
    assertThat(call).isNotDone();
    rig.release.countDown();
    assertThat(Await.get(call)).isEqualTo("hello");

    rig.registry.close();
    assertThat(rig.get(base, "/ok")).isEqualTo("hello");
    assertThat(Await.get(rig.enqueue(base, "/ok"))).isEqualTo("hello");
    base.connectionPool().evictAll();
  }

  @Test
  void theAppsInterceptorsAndListenersAndSocketFactoryStillWork() throws IOException {
    AtomicInteger intercepted = new AtomicInteger();
    AtomicInteger network = new AtomicInteger();
    AtomicInteger started = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    CountingSockets sockets = new CountingSockets();
    OkHttpClient base =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain -> {
                  intercepted.incrementAndGet();
                  return chain.proceed(chain.request());
                })
            .addNetworkInterceptor(
                chain -> {
                  network.incrementAndGet();
                  return chain.proceed(chain.request());
                })
            .eventListener(
                new EventListener() {
                  @Override
                  public void callStart(Call call) {
                    started.incrementAndGet();
                  }

                  @Override
                  public void callEnd(Call call) {
                    ended.incrementAndGet();
                    throw new IllegalStateException("a listener that throws");
                  }
                })
            .socketFactory(sockets)
            .build();
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.onForeground();

    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(intercepted).hasValue(1);
    assertThat(network).hasValue(1);
    assertThat(started).hasValue(1);
    assertThat(ended).hasValue(1);
    assertThat(sockets.made).hasValue(1);
    assertThat(rig.suspend().took()).isLessThan(HttpRig.BUDGET); // we heard of the end all the same

    assertThatThrownBy(() -> rig.get(http.client(), "/ok")).isInstanceOf(SuspendedException.class);
    assertThat(intercepted).as("a refused call does not reach them").hasValue(1);
  }

  private static class CountingSockets extends UnconnectedSockets {
    final AtomicInteger made = new AtomicInteger();

    @Override
    public Socket createSocket() throws IOException {
      made.incrementAndGet();
      return SocketFactory.getDefault().createSocket();
    }
  }

  @Test
  void aSocketThatIsMadeWhileTheWireClosesIsRefused() throws IOException {
    CountingSockets sockets =
        new CountingSockets() {
          @Override
          public Socket createSocket() throws IOException {
            rig.suspend(); // in the middle of it the app goes to the background, and all is settled
            return super.createSocket();
          }
        };
    OkHttpClient base = new OkHttpClient.Builder().socketFactory(sockets).build();
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    assertThatThrownBy(() -> http.client().socketFactory().createSocket())
        .isInstanceOf(SuspendedException.class);
    assertThat(sockets.made).hasValue(1);
    rig.registry.assertQuiescent();
  }

  @Test
  void theSocketFactoryWorksForOthersToo() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    SocketFactory factory = http.client().socketFactory();
    InetAddress local = InetAddress.getLoopbackAddress();
    int port = rig.server.getPort();
    assertThat(factory.createSocket("localhost", port).isConnected()).isTrue();
    assertThat(factory.createSocket(local, port).isConnected()).isTrue();
    assertThat(factory.createSocket("localhost", port, local, 0).isConnected()).isTrue();
    assertThat(factory.createSocket(local, port, local, 0).isConnected()).isTrue();
    assertThat(rig.openSockets()).isEqualTo(4);
    rig.suspend();
  }

  @Test
  void theSnapshotCountsPayload() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    Request post =
        rig.request("/ok").newBuilder().post(RequestBody.create("0123456789", null)).build();
    try (Response response = http.client().newCall(post).execute()) {
      assertThat(response.body().string()).isEqualTo("hello");
    }
    ConnectionSnapshot snapshot = http.snapshot();
    assertThat(snapshot.bytesOut()).isEqualTo(10);
    assertThat(snapshot.bytesIn()).isEqualTo(5);
  }

  // ---------------------------------------------------------------------------------- bad input

  @Test
  void badInputIsRefusedWithARemedy() {
    HttpBuilder builder = rig.registry.http("api");
    assertThatThrownBy(() -> rig.registry.http(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> rig.registry.http(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.client(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> builder.inFlight(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> builder.whileSuspended(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> WhileSuspended.waitUpTo(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> WhileSuspended.waitUpTo(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("WhileSuspended: waitUpTo must be above zero and at most 365 days, not PT-1S");
    assertThatThrownBy(() -> builder.connectionPool(-1, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.connectionPool(1, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    HttpConnection http = builder.register();
    assertThatThrownBy(() -> rig.registry.http("api").register())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("api: the name is taken");
    assertThatThrownBy(() -> rig.registry.http("other").client(http.client()).register())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("other: the client is that of another connection");
    rig.registry.close();
    assertThatThrownBy(() -> rig.registry.http("late")).isInstanceOf(IllegalStateException.class);
  }
}
