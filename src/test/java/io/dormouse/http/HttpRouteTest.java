package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionException;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that do not resolve, and proxies. */
class HttpRouteTest {
  private final HttpRig rig = new HttpRig(Flavor.HTTP_1);

  @AfterEach
  void close() {
    rig.close();
  }

  // ------------------------------------------------------------- a network that comes back late

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

  // ------------------------------------------------------------------------------------ proxies

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
