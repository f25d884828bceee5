package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dns;
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
  private static final Duration LONG_BUDGET = Duration.ofSeconds(20);

  /** For a call with which nothing happens; a second by default. */
  private static final Duration SILENCE = Duration.ofMillis(200);

  /** Far below the budget, far above the time that a peer or an app has. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static void assertSoon(SuspendReport report) {
    assertThat(report.took()).isLessThan(SOON);
    assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  private static void awaitDraining(HttpConnection http) {
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
  }

  private static Request tagged(Request request, InFlight inFlight) {
    return request.newBuilder().tag(InFlight.class, inFlight).build();
  }

  // ------------------------------------------------------------------------ calls in a queue

  private static OkHttpClient oneAtATime() {
    OkHttpClient base = new OkHttpClient();
    base.dispatcher().setMaxRequestsPerHost(1);
    return base;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void queuedCallsOfADerivedClientWithAListenerOfItsOwnAreDrained(boolean ownPool) {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HttpConnection http = rig.register("api", builder -> builder.client(oneAtATime()));
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
      awaitDraining(http);
      CompletableFuture<String> late = rig.enqueue(client, "/ok");
      rig.release.countDown();

      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertThat(Await.failure(late)).isInstanceOf(SuspendedException.class);
      assertSoon(rig.settled());
      assertThat(rig.arrived).hasValue(3);
    }
  }

  @Test
  void waitingCallsThatFillTheDispatcherGoOnInTheForeground() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
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
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET, LONG_BUDGET)) {
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
      assertThat(report.took()).isLessThan(idle.took().plus(SOON));
      assertThat(call.isCanceled()).isFalse();
    }
  }

  private static SuspendReport idleSuspend() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET, LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      return rig.suspend();
    }
  }

  // -------------------------------------------------------------- calls that have sent nothing

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatIsConnectingIsCutOffAtOnce(boolean fastFallback) {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HangingSockets sockets = new HangingSockets(9);
      OkHttpClient base =
          new OkHttpClient.Builder().socketFactory(sockets).fastFallback(fastFallback).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(sockets.connecting);
      assertSoon(rig.suspend());
      assertThat(Await.failure(call))
          .isInstanceOf(SuspendedException.class)
          .hasMessageContaining("not in the foreground");
    }
  }

  /** While another call is drained, and its socket stays open. */
  @Test
  void aCallThatIsConnectingIsCutOffBeforeTheOthersAreDrained() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HangingSockets sockets = new HangingSockets(0);
      HttpConnection http =
          rig.register(
              "api",
              builder -> builder.client(new OkHttpClient.Builder().socketFactory(sockets).build()));
      rig.lifecycle.onForeground();
      CompletableFuture<String> drained = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      sockets.hangNext(9);
      CompletableFuture<String> connecting = rig.enqueue(http.client(), "/ok");
      Await.latch(sockets.connecting);

      rig.lifecycle.onBackground();
      assertThat(Await.failure(connecting)).isInstanceOf(SuspendedException.class);
      assertThat(http.state()).isEqualTo(ConnectionState.DRAINING);
      assertThat(drained).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      assertSoon(rig.settled());
    }
  }

  @Test
  void aCallInTheMiddleOfItsTlsHandshakeIsCutOffAtOnce() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTPS_1, LONG_BUDGET);
        ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call =
          HttpRig.enqueue(
              http.client()
                  .newCall(
                      new Request.Builder()
                          .url("https://localhost:" + mute.getLocalPort() + "/?token=secret")
                          .build()));
      mute.accept().getInputStream().read(); // its first byte has come
      assertSoon(rig.suspend());
      assertThat(Await.failure(call))
          .isInstanceOf(SuspendedException.class)
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void aResolverThatHangsDoesNotCostTheBudget() {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    Dns hangs =
        hostname -> {
          asked.countDown();
          Await.hold(answer);
          throw new UnknownHostException(hostname);
        };
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      OkHttpClient base = new OkHttpClient.Builder().dns(hangs).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(asked);
      assertSoon(rig.suspend());
      assertThat(call).isNotDone();
      answer.countDown();
      assertThat(Await.failure(call)).isInstanceOf(IOException.class);
    }
  }

  // ------------------------------------------------------------------------ bodies and streams

  @ParameterizedTest
  @EnumSource
  void aResponseBodyThatNobodyReadsDoesNotCostTheBudget(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET, SILENCE)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/stream")).execute()) {
        assertSoon(rig.suspend());
        assertThatThrownBy(() -> response.body().string())
            .isInstanceOf(CutOffException.class)
            .hasMessageStartingWith("api: the call was cut off");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEventStreamThatIsTaggedIsDrained(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> answer =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/events"), InFlight.DRAIN)));
      rig.awaitAnswered(1);
      CompletableFuture<String> untagged = rig.enqueue(http.client(), "/events");
      rig.awaitAnswered(2);
      rig.awaitReaders(2);
      rig.lifecycle.onBackground();
      awaitDraining(http);
      assertThat(answer).isNotDone();
      assertThat(untagged).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(answer)).isEqualTo("helloworld");
      assertSoon(rig.settled());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsCutOffSaysWhyToItsReader(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> stream = rig.enqueue(http.client(), "/events");
      rig.awaitAnswered(1);
      rig.awaitReaders(1);
      assertSoon(rig.suspend());
      assertThat(Await.failure(stream))
          .isInstanceOf(CutOffException.class)
          .hasMessageStartingWith("api: the call was cut off when the connection was suspended");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1", "HTTPS_1"}) // OkHttp's WebSocket speaks HTTP/1.1 only
  void aWebSocketThatIsCutOffSaysWhyToItsListener(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<Throwable> failed = rig.webSocket(http.client());
      assertSoon(rig.suspend());
      assertThat(Await.get(failed))
          .isInstanceOf(CutOffException.class)
          .hasMessageStartingWith("api: the call was cut off");
    }
  }

  @Test
  void aLongPollThatIsTaggedIsNotWaitedFor() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> poll =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/hold"), InFlight.CANCEL)));
      rig.awaitArrived(1);
      assertSoon(rig.suspend());
      assertThat(Await.failure(poll)).isInstanceOf(CutOffException.class);
    }
  }

  @Test
  void aTagCountsForMoreThanTheBuilder() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HttpConnection http = rig.register("api", builder -> builder.inFlight(InFlight.CANCEL));
      rig.lifecycle.onForeground();
      CompletableFuture<String> drained =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/hold"), InFlight.DRAIN)));
      rig.awaitArrived(1);
      rig.lifecycle.onBackground();
      awaitDraining(http);
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      assertSoon(rig.settled());
    }
  }

  @Test
  void aTagCountsForACallThatStillQueues() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      HttpConnection http =
          rig.register("api", builder -> builder.client(oneAtATime()).inFlight(InFlight.CANCEL));
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Request request = tagged(rig.request("/hold"), InFlight.DRAIN);
        calls.add(HttpRig.enqueue(http.client().newCall(request)));
      }
      rig.awaitArrived(1);
      rig.lifecycle.onBackground();
      awaitDraining(http);
      rig.release.countDown();
      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      assertSoon(rig.settled());
    }
  }

  @Test
  void anInterceptorMayTagACall() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, LONG_BUDGET)) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .addInterceptor(chain -> chain.proceed(tagged(chain.request(), InFlight.CANCEL)))
              .build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> poll = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      assertSoon(rig.suspend());
      assertThat(Await.failure(poll)).isInstanceOf(CutOffException.class);
    }
  }

  // --------------------------------------------------------------------------- worst moments

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
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET)) {
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
      awaitDraining(http);
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

  // --------------------------------------------------------------------------------- the pools

  @Test
  void poolsOfDerivedClientsAreEmptiedToo() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_2, LONG_BUDGET)) {
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
    try (HttpRig rig = new HttpRig(flavor, LONG_BUDGET, SILENCE)) {
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
