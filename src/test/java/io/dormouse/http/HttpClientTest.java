package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionException;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The app's own client and what it brings along; the end; bad input. */
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

  private static class CountingSockets extends SocketFactory {
    final AtomicInteger made = new AtomicInteger();

    @Override
    public Socket createSocket() throws IOException {
      made.incrementAndGet();
      return SocketFactory.getDefault().createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new AssertionError();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new AssertionError();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new AssertionError();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new AssertionError();
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

  // ------------------------------------------------------------------------------------- the end

  @Test
  void closeLetsTheCallInFlightFinish() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
    rig.awaitArrived(1);
    http.close();
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
    rig.release.countDown();
    assertThat(Await.get(call)).isEqualTo("hello");
    Await.until("closed", () -> http.state() == ConnectionState.CLOSED);
    assertThat(rig.openSockets()).isZero();
  }

  @Test
  void closeWaitsNoLongerThanTheBudgetForTheCallInFlight() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
    rig.awaitArrived(1);
    long start = System.nanoTime();
    rig.registry.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(HttpRig.BUDGET.multipliedBy(10));
    assertThat(http.state()).isEqualTo(ConnectionState.CLOSED);
    assertThat(rig.openSockets()).isZero();
    assertThat(Await.failure(call)).isInstanceOf(IOException.class);
  }

  @Test
  void theEndLeavesNoThreadOfOurs() {
    HttpConnection http = rig.registry.http("api").register(); // with threads of our own
    rig.lifecycle.onForeground();
    assertThat(Await.get(rig.enqueue(http.client(), "/ok"))).isEqualTo("hello");
    Await.until("a thread that waits for the next call", () -> dispatcherThreads() > 0);

    http.close();
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
    rig.registry.close();
    OwnThreads.awaitNoneBesides(List.of());

    // A call on what is closed still gets its answer, and leaves no thread either.
    assertThat(Await.failure(rig.enqueue(http.client(), "/ok")))
        .isInstanceOf(ConnectionException.class);
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
  }

  @Test
  void theBackgroundLeavesNoIdleThreadForCalls() {
    HttpConnection http = rig.registry.http("api").register();
    rig.lifecycle.onForeground();
    assertThat(Await.get(rig.enqueue(http.client(), "/ok"))).isEqualTo("hello");
    rig.suspend();
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
  }

  private long dispatcherThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("OkHttp Dispatcher"))
        .filter(Thread::isDaemon) // those of the app's clients are not
        .count();
  }

  // ------------------------------------------------------------------------- a network that is
  // late

  /** PEERS 8: the network comes back a little later than the app. */
  @Test
  void aNameThatDoesNotResolveRightAfterTheReturnIsTriedAgain() throws IOException {
    AtomicInteger lookups = new AtomicInteger();
    Dns late =
        hostname -> {
          if (lookups.incrementAndGet() < 3) {
            throw new UnknownHostException(hostname);
          }
          return Dns.SYSTEM.lookup(hostname);
        };
    OkHttpClient base = new OkHttpClient.Builder().dns(late).build();
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.onForeground();
    assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
    assertThat(lookups).hasValue(3);
  }

  @Test
  void aNameThatNeverResolvesFailsSoon() {
    Dns never =
        hostname -> {
          throw new UnknownHostException("no such host");
        };
    OkHttpClient base = new OkHttpClient.Builder().dns(never).build();
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.onForeground();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(UnknownHostException.class);
    Call call = http.client().newCall(rig.request("/ok"));
    call.cancel();
    assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
  }

  // ----------------------------------------------------------------------------------- bad input

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

  @Test
  void aSocksProxyIsRefusedAtTheRegistration() {
    OkHttpClient base = new OkHttpClient.Builder().proxy(socks()).build();
    assertThatThrownBy(() -> rig.registry.http("api").client(base).register())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("api: the client has a SOCKS proxy");
    assertThat(rig.registry.connections()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false}) // OkHttp has two ways to connect
  void aSocksProxyThatASelectorChoosesFailsTheCall(boolean fastFallback) {
    HttpConnection http = registerWithProxy(socks(), fastFallback);
    rig.lifecycle.onForeground();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok?token=secret"))
        .isInstanceOf(ConnectionException.class)
        .hasMessageStartingWith("api: the proxy selector chose a SOCKS proxy")
        .hasMessageNotContaining("secret");
    assertThat(Await.failure(rig.enqueue(http.client(), "/ok")))
        .isInstanceOf(ConnectionException.class);
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    WebSocket unused =
        http.client()
            .newWebSocket(
                rig.request("/socket"),
                new WebSocketListener() {
                  @Override
                  public void onFailure(WebSocket socket, Throwable t, Response response) {
                    failed.complete(t);
                  }
                });
    assertThat(Await.get(failed)).isInstanceOf(ConnectionException.class);
    assertThat(rig.suspend().took()).isLessThan(HttpRig.BUDGET);
  }

  @Test
  void anHttpProxyThatASelectorChoosesIsUsed() throws IOException {
    HttpConnection http = registerWithProxy(rig.elsewhere.getProxyAddress(), true);
    rig.lifecycle.onForeground();
    assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
    assertThat(rig.elsewhere.getRequestCount()).isEqualTo(1);
    rig.suspend();
  }

  private static Proxy socks() {
    return new Proxy(Proxy.Type.SOCKS, InetSocketAddress.createUnresolved("localhost", 1080));
  }

  private HttpConnection registerWithProxy(Proxy proxy, boolean fastFallback) {
    ProxySelector selector =
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            return List.of(proxy);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        };
    OkHttpClient base =
        new OkHttpClient.Builder().proxySelector(selector).fastFallback(fastFallback).build();
    return rig.register("api", builder -> builder.client(base));
  }
}
