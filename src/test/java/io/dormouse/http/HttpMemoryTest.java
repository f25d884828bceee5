package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sleeping connection keeps of the calls that it had: nothing. */
class HttpMemoryTest {
  /** Shorter than the budget: so what is forgotten goes before that which is cut off at its end. */
  private static final Duration SILENCE = Duration.ofMillis(200);

  private final List<WeakReference<Object>> gone = new ArrayList<>();

  /** A request with a payload, of which only we hear whether it was collected. */
  private Request request(HttpRig rig, String path) {
    // Within a stream's first window: the server grants more only after a delay of 40 ms each time.
    byte[] payload = new byte[1 << 14];
    gone.add(new WeakReference<>(payload));
    return rig.request(path).newBuilder().post(RequestBody.create(payload, null)).build();
  }

  private Call call(HttpRig rig, OkHttpClient client, String path) {
    Call call = client.newCall(request(rig, path));
    gone.add(new WeakReference<>(call));
    return call;
  }

  private void makeCalls(HttpRig rig, OkHttpClient client) throws IOException {
    for (int i = 0; i < 4; i++) {
      try (Response response = call(rig, client, "/ok").execute()) { // ends well
        assertThat(response.body().string()).isEqualTo("hello");
      }
      Response leaked = call(rig, client, "/stream").execute(); // is forgotten
      assertThat(leaked.code()).isEqualTo(200);
    }
    List<CompletableFuture<String>> cut = new ArrayList<>();
    int arrived = rig.arrived.get();
    for (int i = 0; i < 4; i++) {
      cut.add(HttpRig.enqueue(call(rig, client, "/hold"))); // some are cut off, some queue
    }
    rig.awaitArrived(arrived + 2);
    rig.suspendToTheBudget();
    cut.forEach(call -> assertThat(Await.failure(call)).isInstanceOf(IOException.class));
    assertThat(Await.failure(HttpRig.enqueue(call(rig, client, "/ok")))) // is refused
        .isInstanceOf(SuspendedException.class);
  }

  @ParameterizedTest
  @EnumSource
  void aSuspendLeavesNothingOfAnyCallInTheHeap(Flavor flavor) throws IOException {
    leavesNothing(flavor, client -> client);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1", "HTTP_2"})
  void norOfTheCallsOfADerivedClient(Flavor flavor) throws IOException {
    leavesNothing(
        flavor, client -> client.newBuilder().eventListener(new EventListener() {}).build());
  }

  private void leavesNothing(Flavor flavor, UnaryOperator<OkHttpClient> derive) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofMillis(600), SILENCE)) {
      // An idle thread of OkHttp's remembers the last call that it has connected for.
      OkHttpClient base = flavor.client().fastFallback(false).build();
      base.dispatcher().setMaxRequestsPerHost(2);
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      makeCalls(rig, derive.apply(http.client()));
      rig.release.countDown();
      Await.until(
          "collected",
          () -> {
            System.gc();
            return gone.stream().allMatch(reference -> reference.get() == null);
          });
      assertThat(http.client().dispatcher().runningCallsCount()).isZero();
    }
  }
}
