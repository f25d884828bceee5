package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a suspend waits for, and what it does not. */
class HttpDrainTest {
  /** For a call with which nothing happens; a second by default. */
  private static final Duration SILENCE = Duration.ofMillis(200);

  // --------------------------------------------------------------------------- calls in a queue

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void queuedCallsOfADerivedClientWithAListenerOfItsOwnAreDrained(boolean ownPool) {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register("api", builder -> builder.client(HttpRig.oneAtATime()));
      OkHttpClient.Builder derived =
          http.client().newBuilder().eventListener(new EventListener() {});
      OkHttpClient client =
          ownPool ? derived.connectionPool(new ConnectionPool()).build() : derived.build();
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(rig.enqueue(client, "/hold"));
      }
      rig.awaitArrived(1);
      assertThat(client.dispatcher().queuedCallsCount()).isEqualTo(2);

      rig.lifecycle.onBackground();
      HttpRig.awaitDraining(http);
      CompletableFuture<String> late = rig.enqueue(client, "/ok");
      rig.release.countDown();

      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertThat(Await.failure(late)).isInstanceOf(SuspendedException.class);
      HttpRig.assertSoon(rig.settled());
      assertThat(rig.arrived).hasValue(3);
    }
  }

  @Test
  void waitingCallsThatFillTheDispatcherGoOnInTheForeground() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base = new OkHttpClient();
      base.dispatcher().setMaxRequests(2);
      HttpConnection http =
          rig.register(
              "api",
              builder ->
                  builder
                      .client(base)
                      .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        calls.add(rig.enqueue(http.client(), "/ok"));
      }
      HttpRig.awaitThreadAtTheGate();
      assertThat(http.client().dispatcher().runningCallsCount()).isEqualTo(2);
      for (int i = 0; i < 3; i++) {
        rig.lifecycle.onForeground();
        rig.lifecycle.onBackground();
      }
      rig.settled();
      rig.lifecycle.onForeground();
      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertThat(rig.arrived).hasValue(6);
    }
  }

  @Test
  void aListenerThatThrowsAtTheStartLeavesNothingToWaitFor() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET, HttpRig.LONG_BUDGET)) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .eventListener(
                  new EventListener() {
                    @Override
                    public void callStart(Call call) {
                      throw new IllegalStateException("a listener that throws");
                    }
                  })
              .build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      Call call = http.client().newCall(rig.request("/ok"));
      assertThatThrownBy(call::execute).isInstanceOf(IllegalStateException.class);
      // The time that an admitted call has to get going is not spent on it either.
      SuspendReport idle = idleSuspend();
      SuspendReport report = rig.suspend();
      assertThat(report.took()).isLessThan(idle.took().plus(HttpRig.SOON));
      assertThat(call.isCanceled()).isFalse();
    }
  }

  private static SuspendReport idleSuspend() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      return rig.suspend();
    }
  }

  // ------------------------------------------------------------------------------ worst moments

  @Test
  void manyCallsOnOneSocketAreAllToldWhyTheyWereCutOff() {
    try (HttpRig rig = new HttpRig(Flavor.HTTPS_2, HttpRig.SHORT_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      http.client().dispatcher().setMaxRequestsPerHost(30);
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        calls.add(rig.enqueue(http.client(), i % 2 == 0 ? "/hold" : "/stream"));
      }
      rig.awaitArrived(30);
      assertThat(rig.openSockets()).isEqualTo(1);
      rig.suspendToTheBudget();
      calls.forEach(
          call ->
              assertThat(Await.failure(call))
                  .isInstanceOf(CutOffException.class)
                  .hasMessageStartingWith("api: the call was cut off"));
      assertThat(rig.arrived).as("none was sent twice").hasValue(30);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theAppIsBackDuringTheDrainWithCallsInEveryStage(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET)) {
      CountDownLatch intercepted = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      OkHttpClient base =
          flavor
              .client()
              .addInterceptor(
                  chain -> {
                    if (chain.request().header("Slow") != null) {
                      intercepted.countDown();
                      Await.hold(goOn);
                    }
                    return chain.proceed(chain.request());
                  })
              .build();
      base.dispatcher().setMaxRequestsPerHost(3);
      HttpConnection http =
          rig.register(
              "api",
              builder ->
                  builder
                      .client(base)
                      .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
      rig.lifecycle.onForeground();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      calls.add(rig.enqueue(http.client(), "/hold")); // waits for the server
      calls.add(rig.enqueue(http.client(), "/stream")); // reads
      calls.add(enqueueWith(rig, http, builder -> builder.header("Slow", "yes"))); // intercepted
      Await.latch(intercepted);
      calls.add(rig.enqueue(http.client(), "/ok")); // queues
      rig.awaitArrived(2);
      rig.awaitReaders(1);

      rig.lifecycle.onBackground();
      HttpRig.awaitDraining(http);
      calls.add(rig.enqueue(http.client(), "/ok")); // is not let in
      rig.lifecycle.onForeground();
      calls.add(rig.enqueue(http.client(), "/ok"));
      goOn.countDown();
      rig.release.countDown();

      calls.subList(0, 1).forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertThat(Await.get(calls.get(1))).isEqualTo("helloworld");
      calls.subList(2, 6).forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertThat(http.snapshot().generation()).isEqualTo(1);
      assertThat(rig.arrived).hasValue(6);
    }
  }

  private static CompletableFuture<String> enqueueWith(
      HttpRig rig, HttpConnection http, UnaryOperator<Request.Builder> more) {
    return HttpRig.enqueue(
        http.client().newCall(more.apply(rig.request("/ok").newBuilder()).build()));
  }

  // ---------------------------------------------------------------------------------- the pools

  @Test
  void poolsOfDerivedClientsAreEmptiedToo() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_2, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      ConnectionPool pool = new ConnectionPool();
      OkHttpClient derived = http.client().newBuilder().connectionPool(pool).build();
      rig.lifecycle.onForeground();
      rig.get(derived, "/ok");
      assertThat(pool.connectionCount()).isEqualTo(1);
      rig.suspend();
      assertThat(pool.connectionCount()).isZero();
    }
  }

  /** Else it keeps its dead socket, and a timer for it, until the keep-alive is over. */
  @ParameterizedTest
  @EnumSource
  void aPoolIsEmptiedWhenTheLastCallOfACutOffSocketHasEnded(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET, SILENCE)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/stream")).execute()) {
        assertThat(response.code()).isEqualTo(200);
        rig.suspend();
        assertThat(http.client().connectionPool().connectionCount()).isEqualTo(1);
      }
      assertThat(http.client().connectionPool().connectionCount()).isZero();
    }
  }
}
