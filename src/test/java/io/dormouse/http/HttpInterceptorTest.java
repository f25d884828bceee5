package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionException;
import io.dormouse.support.Await;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The app's interceptors run once per call, and what fails in them is theirs. */
class HttpInterceptorTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final HttpRig rig =
      new HttpRig(Flavor.HTTP_1, Duration.ofSeconds(20), Duration.ofMillis(200));
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void close() {
    rig.close();
  }

  private Response count(Interceptor.Chain chain) throws IOException {
    runs.incrementAndGet();
    return chain.proceed(chain.request());
  }

  private HttpConnection register(
      UnaryOperator<OkHttpClient.Builder> client, UnaryOperator<HttpBuilder> more) {
    OkHttpClient base = client.apply(new OkHttpClient.Builder()).build();
    return rig.register("api", builder -> more.apply(builder.client(base)));
  }

  private static HttpBuilder waiting(HttpBuilder builder) {
    return builder.whileSuspended(WhileSuspended.waitUpTo(LONG));
  }

  // ----------------------------------------------------------------- another connection's failure

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterceptorThatUsesASleepingConnectionFailsItsCallOnce(boolean mayWait) {
    OkHttpClient token = rig.register("token", builder -> builder).client();
    HttpConnection api =
        register(
            client ->
                client.addInterceptor(
                    chain -> {
                      runs.incrementAndGet();
                      token.newCall(rig.request("/ok")).execute().close();
                      return chain.proceed(chain.request());
                    }),
            builder -> mayWait ? waiting(builder) : builder);
    rig.lifecycle.onForeground();
    Await.get(api.whenOpen());
    try (LongRunningTask task = rig.registry.startTask("upload", t -> t.covering(api))) {
      assertThat(task.covered()).containsExactly("api");
      rig.lifecycle.onBackground();
      Await.get(rig.registry.settled());
      assertThat(Await.failure(rig.enqueue(api.client(), "/ok")))
          .isInstanceOf(SuspendedException.class)
          .hasMessageStartingWith("token: suspended");
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void aPausedConnectionWithinAnInterceptorFailsTheCallLongBeforeItsTimeout() {
    HttpConnection token = rig.register("token", builder -> builder);
    HttpConnection api =
        register(
            client ->
                client
                    .callTimeout(Await.LIMIT)
                    .addInterceptor(
                        chain -> {
                          runs.incrementAndGet();
                          token.client().newCall(rig.request("/ok")).execute().close();
                          return chain.proceed(chain.request());
                        }),
            builder -> builder);
    rig.lifecycle.onForeground();
    Await.get(api.whenOpen());
    token.pause();
    assertThat(Await.failure(rig.enqueue(api.client(), "/ok")))
        .isInstanceOf(SuspendedException.class)
        .hasMessageStartingWith("token: paused");
    assertThat(runs).hasValue(1);
  }

  /** Below the place where calls are tried again. */
  @Test
  void anInterceptorOfADerivedClientThatUsesASleepingConnectionFailsItsCallOnce() {
    HttpConnection token = rig.register("token", builder -> builder);
    HttpConnection api = register(client -> client, HttpInterceptorTest::waiting);
    OkHttpClient derived =
        api.client()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  runs.incrementAndGet();
                  token.client().newCall(rig.request("/ok")).execute().close();
                  return chain.proceed(chain.request());
                })
            .build();
    rig.lifecycle.onForeground();
    Await.get(api.whenOpen());
    token.pause();
    assertThat(Await.failure(rig.enqueue(derived, "/ok")))
        .isInstanceOf(SuspendedException.class)
        .hasMessageStartingWith("token: paused");
    assertThat(runs).hasValue(1);
  }

  // --------------------------------------------------------------------- the app's own run once

  @Test
  void theyRunOnceWhileTheNetworkIsLate() throws IOException {
    AtomicInteger lookups = new AtomicInteger();
    Dns late =
        hostname -> {
          if (lookups.incrementAndGet() < 3) {
            throw new UnknownHostException(hostname);
          }
          return Dns.SYSTEM.lookup(hostname);
        };
    HttpConnection api =
        register(client -> client.dns(late).addInterceptor(this::count), builder -> builder);
    rig.lifecycle.onForeground();
    assertThat(rig.get(api.client(), "/ok")).isEqualTo("hello");
    assertThat(lookups).hasValue(3);
    assertThat(runs).hasValue(1);
  }

  @Test
  void aCallThatIsCancelledWhileTheNetworkIsLateEndsAtOnce() {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicInteger lookups = new AtomicInteger();
    Dns never =
        hostname -> {
          lookups.incrementAndGet();
          asked.countDown();
          throw new UnknownHostException(hostname);
        };
    HttpConnection api = register(client -> client.dns(never), builder -> builder);
    rig.lifecycle.onForeground();
    Call call = api.client().newCall(rig.request("/ok"));
    CompletableFuture<String> future = HttpRig.enqueue(call);
    Await.latch(asked);
    call.cancel();
    assertThat(Await.failure(future)).isInstanceOf(IOException.class);
    assertThat(lookups.get()).isLessThan(4);
  }

  @Test
  void aResolverThatIsNotBlockingIsAskedInItsOwnWay() throws IOException {
    AtomicInteger newCalls = new AtomicInteger();
    Dns own =
        new Dns() {
          @Override
          public List<InetAddress> lookup(String hostname) throws UnknownHostException {
            return Dns.SYSTEM.lookup(hostname);
          }

          @Override
          public Dns.Call newCall(Dns.Request request) {
            newCalls.incrementAndGet();
            return Dns.SYSTEM.newCall(request);
          }
        };
    HttpConnection api = register(client -> client.dns(own), builder -> builder);
    rig.lifecycle.onForeground();
    assertThat(rig.get(api.client(), "/ok")).isEqualTo("hello");
    assertThat(newCalls).hasValue(1);
  }

  @Test
  void theyRunOnceWhenACallThatHadNoAddressYetWaitsForTheForeground() {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    Dns slow =
        hostname -> {
          asked.countDown();
          Await.hold(answer);
          return Dns.SYSTEM.lookup(hostname);
        };
    HttpConnection api =
        register(
            client -> client.dns(slow).addInterceptor(this::count), HttpInterceptorTest::waiting);
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(api.client(), "/ok");
    Await.latch(asked);
    assertThat(rig.suspend().took()).isLessThan(Duration.ofSeconds(10));
    answer.countDown();
    HttpRig.awaitThreadAtTheGate();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(runs).hasValue(1);
    assertThat(rig.arrived).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false}) // OkHttp has two ways to connect
  void theyRunOnceWhenACallThatWasConnectingWaitsForTheForeground(boolean fastFallback) {
    HangingSockets sockets = new HangingSockets(1);
    HttpConnection api =
        register(
            client ->
                client
                    .socketFactory(sockets)
                    .fastFallback(fastFallback)
                    .dns(hostname -> List.of(InetAddress.getLoopbackAddress()))
                    .addInterceptor(this::count),
            HttpInterceptorTest::waiting);
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(api.client(), "/ok");
    Await.latch(sockets.connecting);
    assertThat(rig.suspend().took()).isLessThan(Duration.ofSeconds(10));
    assertThat(call).isNotDone();
    HttpRig.awaitThreadAtTheGate();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(runs).hasValue(1);
    assertThat(sockets.made).hasValue(2);
    assertThat(rig.arrived).hasValue(1);
  }

  @Test
  void aFailureThatTheNetworkMadeIsNotTriedAgain() {
    HttpConnection api =
        register(client -> client.addInterceptor(this::count), HttpInterceptorTest::waiting);
    rig.lifecycle.onForeground();
    Await.get(api.whenOpen());
    rig.server.close();
    assertThatThrownBy(() -> rig.get(api.client(), "/ok"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ConnectionException.class);
    assertThat(runs).hasValue(1);
  }

  // ----------------------------------------------------------------------- those that take time

  /** An interceptor that says that it runs, and goes on when it is told to. */
  private static final class Blocking implements Interceptor {
    final CountDownLatch runs = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public Response intercept(Chain chain) throws IOException {
      runs.countDown();
      Await.hold(goOn);
      return chain.proceed(chain.request());
    }
  }

  @Test
  void aCallWhoseInterceptorBlocksDoesNotCostTheBudgetAndIsNotSentInTheBackground() {
    Blocking blocking = new Blocking();
    HttpConnection api = register(client -> client.addInterceptor(blocking), builder -> builder);
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(api.client(), "/ok");
    Await.latch(blocking.runs);
    assertThat(rig.suspend().took()).isLessThan(Duration.ofSeconds(10));
    blocking.goOn.countDown();
    assertThat(Await.failure(call))
        .isInstanceOf(SuspendedException.class)
        .hasMessageContaining("not in the foreground");
    assertThat(rig.arrived).hasValue(0);
  }

  @Test
  void aCallThatWaitsBelowTheInterceptorsCanBeCancelled() {
    Blocking blocking = new Blocking();
    HttpConnection api =
        register(client -> client.addInterceptor(blocking), HttpInterceptorTest::waiting);
    rig.lifecycle.onForeground();
    Call call = api.client().newCall(rig.request("/ok"));
    CompletableFuture<String> future = HttpRig.enqueue(call);
    Await.latch(blocking.runs);
    rig.suspend();
    blocking.goOn.countDown();
    HttpRig.awaitThreadAtTheGate();
    call.cancel();
    assertThat(Await.failure(future)).hasMessage("Canceled");
  }

  @Test
  void theCallTimeoutEndsACallThatWaitsBelowTheInterceptors() {
    Blocking blocking = new Blocking();
    HttpConnection api =
        register(client -> client.addInterceptor(blocking), HttpInterceptorTest::waiting);
    rig.lifecycle.onForeground();
    Call call = api.client().newCall(rig.request("/ok"));
    call.timeout().timeout(1, TimeUnit.SECONDS);
    CompletableFuture<String> future = HttpRig.enqueue(call);
    Await.latch(blocking.runs);
    rig.suspend();
    blocking.goOn.countDown();
    assertThat(Await.failure(future))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
  }

  @Test
  void anInterceptorMayTryACallAgainThatWasCutOff() {
    HttpConnection api =
        register(
            client ->
                client.addInterceptor(
                    chain -> {
                      try {
                        return chain.proceed(chain.request());
                      } catch (CutOffException e) {
                        runs.incrementAndGet();
                        return chain.proceed(chain.request());
                      }
                    }),
            builder -> waiting(builder).inFlight(InFlight.CANCEL));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(api.client(), "/hold");
    rig.awaitArrived(1);
    rig.suspend();
    HttpRig.awaitThreadAtTheGate();
    rig.release.countDown();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(runs).hasValue(1);
    assertThat(rig.arrived).hasValue(2);
  }
}
