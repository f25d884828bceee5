package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Authenticator;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that needs another one to finish, such as for a fresh token, when the app leaves. */
class HttpNestedCallTest {
  /** How the app gets the client for its token. */
  private enum TokenClient {
    THE_SAME(client -> client),
    DERIVED(client -> client.newBuilder().authenticator(Authenticator.NONE).build()),
    DERIVED_WITH_A_LISTENER(
        client ->
            client
                .newBuilder()
                .authenticator(Authenticator.NONE)
                .eventListener(new EventListener() {})
                .build());

    @SuppressWarnings("ImmutableEnumChecker") // the functions above hold nothing
    private final UnaryOperator<OkHttpClient> from;

    TokenClient(UnaryOperator<OkHttpClient> from) {
      this.from = from;
    }
  }

  /** Answers 401 to who has no token, when it is told to. */
  private static final class Tokens extends Dispatcher {
    final CountDownLatch arrived = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public MockResponse dispatch(RecordedRequest request) {
      MockResponse.Builder response = new MockResponse.Builder();
      if (request.getUrl().encodedPath().equals("/token")) {
        return response.body("token").build();
      } else if (request.getHeaders().get("Authorization") == null) {
        arrived.countDown();
        Await.hold(release);
        return response.code(401).build();
      }
      return response.body("hello").build();
    }
  }

  private final AtomicReference<OkHttpClient> client = new AtomicReference<>();
  private final Tokens tokens = new Tokens();

  private String token(HttpRig rig, TokenClient from) throws IOException {
    OkHttpClient used = from.from.apply(client.get());
    try (Response response = used.newCall(rig.request("/token")).execute()) {
      return response.body().string();
    }
  }

  private HttpConnection register(
      HttpRig rig, UnaryOperator<OkHttpClient.Builder> more, boolean mayWait) {
    rig.server.setDispatcher(tokens);
    OkHttpClient base = more.apply(rig.flavor.client()).build();
    HttpConnection http =
        rig.register(
            "api",
            builder -> {
              HttpBuilder with = builder.client(base);
              return mayWait
                  ? with.whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1)))
                  : with;
            });
    client.set(http.client());
    rig.lifecycle.onForeground();
    return http;
  }

  private void suspendAndAnswer(HttpRig rig, HttpConnection http) {
    CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
    Await.latch(tokens.arrived);
    rig.lifecycle.onBackground();
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
    tokens.release.countDown();
    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(rig.settled().find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP_1, THE_SAME, false",
    "HTTP_1, THE_SAME, true",
    "HTTP_1, DERIVED, false",
    "HTTP_1, DERIVED, true",
    "HTTP_1, DERIVED_WITH_A_LISTENER, true",
    "HTTP_2, DERIVED, false",
    "HTTPS_1, DERIVED, true",
    "HTTPS_2, DERIVED_WITH_A_LISTENER, false"
  })
  void anAuthenticatorGetsItsTokenDuringTheDrain(Flavor flavor, TokenClient from, boolean mayWait) {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http =
          register(
              rig,
              builder ->
                  builder.authenticator(
                      (route, response) ->
                          response
                              .request()
                              .newBuilder()
                              .header("Authorization", token(rig, from))
                              .build()),
              mayWait);
      suspendAndAnswer(rig, http);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterceptorGetsItsTokenDuringTheDrain(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http =
          register(
              rig,
              builder ->
                  builder.addInterceptor(
                      chain -> {
                        Response response = chain.proceed(chain.request());
                        if (response.code() != 401) {
                          return response;
                        }
                        response.close();
                        return chain.proceed(
                            chain
                                .request()
                                .newBuilder()
                                .header("Authorization", token(rig, TokenClient.DERIVED))
                                .build());
                      }),
              false);
      suspendAndAnswer(rig, http);
    }
  }

  /** It has no socket that could bring an answer, so the token would be for nothing. */
  @Test
  void aTokenForACallThatWasCutOffIsNotWaitedFor() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1)) {
      HttpConnection http =
          register(
              rig,
              builder ->
                  builder.authenticator(
                      (route, response) -> {
                        rig.settled(); // the budget is over
                        return response
                            .request()
                            .newBuilder()
                            .header("Authorization", token(rig, TokenClient.DERIVED))
                            .build();
                      }),
              true);
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(tokens.arrived);
      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      tokens.release.countDown();
      assertThat(Await.failure(call)).isInstanceOf(CutOffException.class);
    }
  }

  /** It asked too early, and nothing but the other's request tells it that it may begin now. */
  @Test
  void aCallThatWaitsMayBeginWhenTheOneThatNeedsItIsSent() {
    Duration long20 = Duration.ofSeconds(20);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, long20, long20)) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .addInterceptor(
                  chain -> {
                    if (chain.request().url().query() == null) {
                      return chain.proceed(chain.request());
                    }
                    inside.countDown();
                    Await.hold(left);
                    CompletableFuture<String> inner = rig.enqueue(client.get(), "/ok");
                    HttpRig.awaitThreadAtTheGate();
                    Response response = chain.proceed(chain.request());
                    assertThat(Await.get(inner)).isEqualTo("hello");
                    return response;
                  })
              .build();
      HttpConnection http =
          rig.register(
              "api",
              builder ->
                  builder
                      .client(base)
                      .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
      client.set(http.client());
      rig.lifecycle.onForeground();
      assertThat(Await.get(rig.enqueue(http.client(), "/ok"))).isEqualTo("hello"); // has a socket
      CompletableFuture<String> outer = rig.enqueue(http.client(), "/ok?outer");
      Await.latch(inside);
      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      left.countDown();
      assertThat(Await.get(outer)).isEqualTo("hello");
      rig.settled();
    }
  }

  /** Nobody in flight waits for it any more. */
  @Test
  void aCallWithinOneThatHasEndedGetsNoSocketDuringTheDrain() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    AtomicReference<CompletableFuture<String>> inner = new AtomicReference<>();
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, Duration.ofSeconds(20))) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .addInterceptor(
                  chain -> {
                    String query = chain.request().url().query();
                    if ("inner".equals(query)) {
                      inside.countDown();
                      Await.hold(left);
                      return chain.proceed(chain.request());
                    }
                    Response response = chain.proceed(chain.request());
                    if ("outer".equals(query)) {
                      Request elsewhere =
                          new Request.Builder().url(rig.elsewhere.url("/ok?inner")).build();
                      inner.set(HttpRig.enqueue(client.get().newCall(elsewhere)));
                    }
                    return response;
                  })
              .build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      client.set(http.client());
      rig.lifecycle.onForeground();
      assertThat(Await.get(rig.enqueue(http.client(), "/ok?outer"))).isEqualTo("hello");
      Await.latch(inside);
      CompletableFuture<String> drained = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(2);
      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      left.countDown();
      assertThat(Await.failure(inner.get())).isInstanceOf(SuspendedException.class);
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      rig.settled();
    }
  }

  /** What the app begins by itself has no part in the drain. */
  @Test
  void anotherCallOnTheSameThreadAfterItMayNotBegin() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, Duration.ofSeconds(20))) {
      HttpConnection http = register(rig, builder -> builder, false);
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(tokens.arrived);
      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      assertThat(Await.failure(rig.enqueue(http.client(), "/token")))
          .isInstanceOf(SuspendedException.class);
      tokens.release.countDown();
      assertThat(Await.get(call)).isEmpty();
      rig.settled();
    }
  }
}
