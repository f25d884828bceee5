package io.dormouse.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.SuspendedException;
import io.dormouse.http.WhileSuspended;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OkHttp over simulated hosts, in simulated time. */
class SimulatedHttpTest {
  private static final Request HELLO = new Request.Builder().url("http://h.example/hello").build();

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server =
      world.host("203.0.113.1", "h.example").serve(80, HttpPeer.answering(200, "hello"));
  private ConnectionRegistry registry;
  private HttpConnection api;

  @BeforeEach
  void open() {
    registry = world.registry().build();
    OkHttpClient apps = new OkHttpClient.Builder().readTimeout(Duration.ofSeconds(20)).build();
    api =
        registry
            .http("api")
            .client(world.httpClient(apps))
            .whileSuspended(WhileSuspended.failFast())
            .register();
    world.lifecycle().onForeground();
  }

  @AfterEach
  void close() {
    registry.close();
    world.assertNothingLeaks();
    world.close();
  }

  private static String text(Call call) throws IOException {
    try (Response response = call.execute()) {
      return response.code() + " " + response.body().string();
    }
  }

  private CompletableFuture<String> enqueue() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    api.client()
        .newCall(HELLO)
        .enqueue(
            new Callback() {
              @Override
              public void onResponse(Call call, Response response) throws IOException {
                try (response) {
                  answer.complete(response.body().string());
                }
              }

              @Override
              public void onFailure(Call call, IOException e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  @Test
  void aCallOnTheTestsThreadLetsTimePass() throws IOException {
    assertThat(text(api.client().newCall(HELLO))).isEqualTo("200 hello");
    assertThat(world.elapsed()).isPositive();
    assertThat(text(api.client().newCall(HELLO))).isEqualTo("200 hello");
    assertThat(world.network().openSockets()).as("in the pool").isEqualTo(1);
  }

  @Test
  void aCallThatIsQueuedRunsOnAThreadOfTheWorld() {
    CompletableFuture<String> first = enqueue();
    CompletableFuture<String> second = enqueue();
    assertThat(world.await(first) + world.await(second)).isEqualTo("hellohello");
  }

  @Test
  void aServerThatDoesNotAnswerIsWaitedForInSimulatedTime() {
    server.serve(80, Peers.mute());
    assertThatThrownBy(() -> text(api.client().newCall(HELLO)))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(25));
  }

  @Test
  void aPortThatRefusesSaysSo() {
    server.refuse(80);
    assertThatThrownBy(() -> text(api.client().newCall(HELLO)))
        .isInstanceOf(ConnectException.class);
  }

  /** What is in flight may finish; what comes later is refused, and all sockets go. */
  @Test
  void aCallIsDrainedAndTheNextOneIsRefused() {
    server.serve(
        80,
        () ->
            new HttpPeer() {
              @Override
              protected void requested(PeerSocket socket, Request request) {
                socket.after(Duration.ofSeconds(2), () -> answer(socket, 200, request.target()));
              }
            });
    CompletableFuture<String> answer = enqueue();
    world.advance(Duration.ofSeconds(1));
    world.lifecycle().onBackground();
    assertThat(world.await(answer)).isEqualTo("/hello");
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
    assertThat(world.network().openSockets()).isZero();
    assertThatThrownBy(() -> text(api.client().newCall(HELLO)))
        .isInstanceOf(SuspendedException.class);
  }
}
