package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies and streams in a suspend, and the tags that say what becomes of a call. */
class HttpStreamTest {
  /** For a call with which nothing happens; a second by default. */
  private static final Duration SILENCE = Duration.ofMillis(200);

  private static Request tagged(Request request, InFlight inFlight) {
    return request.newBuilder().tag(InFlight.class, inFlight).build();
  }

  @ParameterizedTest
  @EnumSource
  void aResponseBodyThatNobodyReadsDoesNotCostTheBudget(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET, SILENCE)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/stream")).execute()) {
        HttpRig.assertSoon(rig.suspend());
        assertThatThrownBy(() -> response.body().string())
            .isInstanceOf(CutOffException.class)
            .hasMessageStartingWith("api: the call was cut off");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEventStreamThatIsTaggedIsDrained(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> answer =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/events"), InFlight.DRAIN)));
      rig.awaitAnswered(1);
      CompletableFuture<String> untagged = rig.enqueue(http.client(), "/events");
      rig.awaitAnswered(2);
      rig.awaitReaders(2);
      rig.lifecycle.onBackground();
      HttpRig.awaitDraining(http);
      assertThat(answer).isNotDone();
      assertThat(untagged).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(answer)).isEqualTo("helloworld");
      HttpRig.assertSoon(rig.settled());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsCutOffSaysWhyToItsReader(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> stream = rig.enqueue(http.client(), "/events");
      rig.awaitAnswered(1);
      rig.awaitReaders(1);
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(stream))
          .isInstanceOf(CutOffException.class)
          .hasMessageStartingWith("api: the call was cut off when the connection was suspended");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1", "HTTPS_1"}) // OkHttp's WebSocket speaks HTTP/1.1 only
  void aWebSocketThatIsCutOffSaysWhyToItsListener(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<Throwable> failed = rig.webSocket(http.client());
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.get(failed))
          .isInstanceOf(CutOffException.class)
          .hasMessageStartingWith("api: the call was cut off");
    }
  }

  @Test
  void aLongPollThatIsTaggedIsNotWaitedFor() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> poll =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/hold"), InFlight.CANCEL)));
      rig.awaitArrived(1);
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(poll)).isInstanceOf(CutOffException.class);
    }
  }

  @Test
  void aTagCountsForMoreThanTheBuilder() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HttpConnection http = rig.register("api", builder -> builder.inFlight(InFlight.CANCEL));
      rig.lifecycle.onForeground();
      CompletableFuture<String> drained =
          HttpRig.enqueue(http.client().newCall(tagged(rig.request("/hold"), InFlight.DRAIN)));
      rig.awaitArrived(1);
      rig.lifecycle.onBackground();
      HttpRig.awaitDraining(http);
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      HttpRig.assertSoon(rig.settled());
    }
  }

  @Test
  void aTagCountsForACallThatStillQueues() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HttpConnection http =
          rig.register(
              "api", builder -> builder.client(HttpRig.oneAtATime()).inFlight(InFlight.CANCEL));
      rig.lifecycle.onForeground();
      Await.get(http.whenOpen());
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Request request = tagged(rig.request("/hold"), InFlight.DRAIN);
        calls.add(HttpRig.enqueue(http.client().newCall(request)));
      }
      rig.awaitArrived(1);
      rig.lifecycle.onBackground();
      HttpRig.awaitDraining(http);
      rig.release.countDown();
      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      HttpRig.assertSoon(rig.settled());
    }
  }

  @Test
  void anInterceptorMayTagACall() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base =
          new OkHttpClient.Builder()
              .addInterceptor(chain -> chain.proceed(tagged(chain.request(), InFlight.CANCEL)))
              .build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> poll = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(poll)).isInstanceOf(CutOffException.class);
    }
  }
}
