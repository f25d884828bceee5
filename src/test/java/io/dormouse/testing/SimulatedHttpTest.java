package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.SuspendedException;
import io.dormouse.http.WhileSuspended;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OkHttp over simulated hosts, in simulated time. */
class SimulatedHttpTest {
  private static final Request HELLO = new Request.Builder().url("http://h.example/hello").build();
  private static final Request POST =
      HELLO.newBuilder().post(RequestBody.create("words".getBytes(UTF_8))).build();

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server =
      world.host("203.0.113.1", "h.example").serve(80, HttpPeer.answering(200, "hello"));
  private final AtomicInteger connects = new AtomicInteger();
  private ConnectionRegistry registry;
  private HttpConnection api;

  /** Answers with what was asked for, some time later. */
  private static final class Slow extends HttpPeer {
    private final Duration after;

    Slow(Duration after) {
      this.after = after;
    }

    @Override
    protected void requested(PeerSocket socket, HttpPeer.Request request) {
      socket.after(after, () -> answer(socket, 200, request.method() + " " + request.target()));
    }
  }

  @BeforeEach
  void open() {
    world.network().onConnect((from, to) -> connects.incrementAndGet());
    registry = world.registry().build();
    api = register("api", new OkHttpClient.Builder().readTimeout(Duration.ofSeconds(20)).build());
    world.lifecycle().onForeground();
  }

  private HttpConnection register(String name, OkHttpClient apps) {
    return registry
        .http(name)
        .client(world.httpClient(apps))
        .whileSuspended(WhileSuspended.failFast())
        .register();
  }

  private HttpConnection registerWithCallTimeout() {
    return register("hasty", new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(5)).build());
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

  private String hello() throws IOException {
    return text(api.client().newCall(HELLO));
  }

  private CompletableFuture<String> enqueue() {
    return enqueue(api.client().newCall(HELLO));
  }

  private static CompletableFuture<String> enqueue(Call newCall) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    newCall.enqueue(
        new Callback() {
          @Override
          public void onResponse(Call call, Response response) {
            try (response) {
              answer.complete(response.body().string());
            } catch (IOException e) {
              answer.completeExceptionally(e);
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
    assertThat(hello()).isEqualTo("200 hello");
    assertThat(world.elapsed()).isEqualTo(Duration.ofMillis(20 + 20 + 20)); // name, SYN, request
    assertThat(hello()).isEqualTo("200 hello");
    assertThat(world.network().openSockets()).as("in the pool").isEqualTo(1);
  }

  @Test
  void aCallThatIsQueuedRunsOnAThreadOfTheWorld() {
    CompletableFuture<String> first = enqueue();
    CompletableFuture<String> second = enqueue();
    assertThat(world.await(first) + world.await(second)).isEqualTo("hellohello");
  }

  @Test
  void aServerReadsBodiesAndAnswersWithHeaders() throws IOException {
    server.serve(
        80,
        () ->
            new HttpPeer() {
              @Override
              protected void requested(PeerSocket socket, HttpPeer.Request request) {
                Headers type =
                    Headers.of("Content-Type", "text/plain; charset=utf-8", "Set-Cookie", "a=b");
                String asked = request.method() + " " + request.headers().get("Host");
                answer(socket, 200, type, asked + " " + request.body());
              }
            });
    Request request =
        HELLO.newBuilder().post(RequestBody.create("\u00fcber".getBytes(UTF_8))).build();
    try (Response response = api.client().newCall(request).execute()) {
      assertThat(response.body().contentType()).hasToString("text/plain; charset=utf-8");
      assertThat(response.headers("Set-Cookie")).containsExactly("a=b");
      assertThat(response.body().string()).isEqualTo("POST h.example \u00fcber");
    }
    try (Response head = api.client().newCall(HELLO.newBuilder().head().build()).execute()) {
      assertThat(head.code()).isEqualTo(200);
    }
    assertThat(hello()).as("nothing was left over").startsWith("200 GET");
  }

  @Test
  void aServerThatDoesNotAnswerIsWaitedForInSimulatedTime() {
    server.serve(80, Peers.mute());
    assertThatThrownBy(this::hello).isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
  }

  @Test
  void aServerThatStopsAnsweringInTheMiddleIsWaitedForInSimulatedTime() {
    server.serve(80, () -> new Slow(Duration.ofSeconds(4)));
    world.after(Duration.ofSeconds(3), () -> server.link().down());
    assertThatThrownBy(this::hello).isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
  }

  @Test
  void aServerThatDoesNotReadIsWaitedForInSimulatedTime() {
    server.serve(80, Peers.unread());
    Request large = HELLO.newBuilder().post(RequestBody.create(new byte[1 << 20])).build();
    assertThatThrownBy(() -> text(api.client().newCall(large)))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
  }

  @Test
  void aConnectIsWaitedForInSimulatedTime() {
    server.link().down();
    assertThatThrownBy(this::hello).isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
  }

  @Test
  void aPortThatRefusesSaysSo() {
    server.refuse(80);
    assertThatThrownBy(this::hello).isInstanceOf(ConnectException.class);
  }

  @Test
  void theTimeoutOfAWholeCallIsSimulated() {
    HttpConnection hasty = registerWithCallTimeout();
    server.serve(80, Peers.mute());
    Duration before = world.elapsed();
    assertThatThrownBy(() -> text(hasty.client().newCall(HELLO)))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    assertThat(world.elapsed().minus(before)).isEqualTo(Duration.ofSeconds(5));
    CompletableFuture<String> queued = enqueue(hasty.client().newCall(HELLO));
    assertThatThrownBy(() -> world.await(queued))
        .hasCauseInstanceOf(InterruptedIOException.class)
        .hasMessageEndingWith("timeout");
    assertThat(world.elapsed().minus(before))
        .isBetween(Duration.ofSeconds(10), Duration.ofMillis(10_001));
  }

  @Test
  void theTimeoutOfAWholeCallCoversItsBody() throws IOException {
    HttpConnection hasty = registerWithCallTimeout();
    server.serve(80, Peers.halfClosing(UTF_8.encode("HTTP/1.1 200 -\r\n\r\nall")));
    assertThat(text(hasty.client().newCall(HELLO))).isEqualTo("200 all");
    server.serve(80, () -> new Stalling("some"));
    try (Response response = hasty.client().newCall(HELLO).execute()) {
      assertThat(response.body().source().readUtf8(4)).isEqualTo("some");
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOf(InterruptedIOException.class)
          .hasMessage("timeout");
    }
    assertThat(world.elapsed()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(6));
  }

  @Test
  void aCallThatHasEndedIsNotTimedOutLater() throws IOException {
    HttpConnection hasty = registerWithCallTimeout();
    Call call = hasty.client().newCall(HELLO);
    assertThat(text(call)).isEqualTo("200 hello");
    world.advance(Duration.ofMinutes(1));
    assertThat(call.isCanceled()).isFalse();
  }

  @Test
  void aCallThatHasFailedIsNotTimedOutLater() {
    HttpConnection hasty = registerWithCallTimeout();
    server.refuse(80);
    Call call = hasty.client().newCall(HELLO);
    assertThatThrownBy(() -> text(call)).isInstanceOf(ConnectException.class);
    world.advance(Duration.ofMinutes(1));
    assertThat(call.isCanceled()).isFalse();
  }

  @Test
  void theTimeoutOfAQueuedCallBeginsWhenItRuns() {
    OkHttpClient apps = new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(5)).build();
    apps.dispatcher().setMaxRequestsPerHost(1);
    HttpConnection one = register("one", apps);
    server.serve(80, () -> new Slow(Duration.ofSeconds(3)));
    CompletableFuture<String> first = enqueue(one.client().newCall(HELLO));
    CompletableFuture<String> second = enqueue(one.client().newCall(HELLO));
    assertThat(world.await(first)).isEqualTo(world.await(second));
    assertThat(world.elapsed()).isGreaterThan(Duration.ofSeconds(6));
  }

  /** As OkHttp does it. */
  @Test
  void theTimeoutEndsWithAnUpgrade() throws IOException {
    HttpConnection hasty = registerWithCallTimeout();
    server.serve(
        80,
        () ->
            new Peer() {
              @Override
              public void received(PeerSocket socket, ByteBuffer request) {
                String head = "HTTP/1.1 101 -\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
                socket.send(UTF_8.encode(head));
              }
            });
    Request upgrade =
        HELLO.newBuilder().header("Connection", "Upgrade").header("Upgrade", "x").build();
    Call call = hasty.client().newCall(upgrade);
    try (Response response = call.execute()) {
      assertThat(response.code()).isEqualTo(101);
      world.advance(Duration.ofMinutes(1));
      assertThat(call.isCanceled()).isFalse();
      response.socket().cancel();
    }
  }

  /** Begins a body, and sends its end much later. */
  private static final class Stalling implements Peer {
    private final String begin;

    Stalling(String begin) {
      this.begin = begin;
    }

    @Override
    public void received(PeerSocket socket, ByteBuffer request) {
      int length = begin.length() + 4;
      socket.send(UTF_8.encode("HTTP/1.1 200 -\r\nContent-Length: " + length + "\r\n\r\n" + begin));
      socket.after(Duration.ofMinutes(1), () -> socket.send(UTF_8.encode(" end")));
    }
  }

  // ------------------------------------------------------------------------------------ the pool

  @Test
  void aBodyThatIsClosedEarlyIsSkippedIfItComesSoon() throws IOException {
    api.client().newCall(HELLO).execute().close();
    Duration before = world.elapsed();
    assertThat(hello()).isEqualTo("200 hello");
    assertThat(connects).hasValue(1);
    server.serve(80, () -> new Stalling("some"));
    server.resetAll();
    try (Response response = api.client().newCall(HELLO).execute()) {
      before = world.elapsed();
      assertThat(response.code()).isEqualTo(200);
    }
    assertThat(world.elapsed().minus(before)).isEqualTo(Duration.ofMillis(100));
    world.advance(Duration.ofMillis(1));
    assertThat(world.network().openSockets()).isZero();
  }

  /**
   * A body without a known end comes to its end with the stream, so there is no rest to wait for.
   */
  @Test
  void aBodyThatEndsWithTheStreamIsNotWaitedFor() throws IOException {
    server.serve(
        80,
        () ->
            new Peer() {
              @Override
              public void received(PeerSocket socket, ByteBuffer request) {
                socket.send(UTF_8.encode("HTTP/1.1 200 -\r\n\r\nsome"));
              }
            });
    Duration before;
    try (Response response = api.client().newCall(HELLO).execute()) {
      before = world.elapsed();
      assertThat(response.code()).isEqualTo(200);
    }
    assertThat(world.elapsed()).isEqualTo(before);
  }

  @Test
  void aSocketThatTheServerHasClosedIsNotUsedAgain() throws IOException {
    assertThat(text(api.client().newCall(onceOnly()))).isEqualTo("200 hello");
    world.advance(Duration.ofSeconds(30));
    server.resetAll();
    world.advance(Duration.ofSeconds(30));
    assertThat(text(api.client().newCall(onceOnly()))).isEqualTo("200 hello");
    assertThat(connects).hasValue(2);
  }

  /** A request that OkHttp can't repeat. */
  private static Request onceOnly() {
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public long contentLength() {
            return 5;
          }

          @Override
          public boolean isOneShot() {
            return true;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("words");
          }
        };
    return HELLO.newBuilder().post(body).build();
  }

  @Test
  void aSocketThatWaitsInThePoolIsUsedAgain() throws IOException {
    assertThat(text(api.client().newCall(POST))).isEqualTo("200 hello");
    world.advance(Duration.ofSeconds(30));
    assertThat(text(api.client().newCall(POST))).isEqualTo("200 hello");
    assertThat(connects).hasValue(1);
  }

  // -------------------------------------------------------------------------------- the lifecycle

  /** What is in flight may finish; what comes later is refused, and all sockets go. */
  @Test
  void aCallIsDrainedAndTheNextOneIsRefused() {
    server.serve(80, () -> new Slow(Duration.ofSeconds(2)));
    CompletableFuture<String> answer = enqueue();
    world.advance(Duration.ofSeconds(1));
    world.lifecycle().onBackground();
    assertThat(world.await(answer)).isEqualTo("GET /hello");
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
    assertThat(world.network().openSockets()).isZero();
    assertThatThrownBy(this::hello).isInstanceOf(SuspendedException.class);
  }

  @Test
  void aCallThatTakesTooLongIsCutOffInTheBackground() {
    server.serve(80, () -> new Slow(Duration.ofSeconds(15)));
    CompletableFuture<String> answer = enqueue();
    world.advance(Duration.ofSeconds(1));
    world.lifecycle().onBackground();
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
    assertThat(world.network().openSockets()).isZero();
    assertThatThrownBy(() -> world.await(answer, Duration.ofMillis(1)))
        .hasMessageContaining("the call was cut off when the connection was suspended");
    assertThat(world.elapsed()).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void aCallAfterTheReturnHasAFreshSocket() throws IOException {
    assertThat(hello()).isEqualTo("200 hello");
    world.lifecycle().onBackground();
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    assertThat(world.network().openSockets()).isZero();
    world.advance(Duration.ofHours(8));
    world.lifecycle().onForeground();
    assertThat(hello()).isEqualTo("200 hello");
    assertThat(connects).hasValue(2);
  }

  @Test
  void aCallWaitsForTheReturnInSimulatedTime() {
    HttpConnection patient =
        registry
            .http("patient")
            .client(world.httpClient(new OkHttpClient()))
            .whileSuspended(WhileSuspended.waitUpTo(Duration.ofHours(1)))
            .register();
    world.lifecycle().onBackground();
    CompletableFuture<String> answer = enqueue(patient.client().newCall(HELLO));
    world.advance(Duration.ofMinutes(30));
    assertThat(answer).isNotDone();
    world.lifecycle().onForeground();
    assertThat(world.await(answer)).isEqualTo("hello");
    assertThat(world.elapsed()).isLessThan(Duration.ofMinutes(31));
  }

  @Test
  void aCallFailsWhenTheSystemKillsItsSocket() {
    server.serve(80, () -> new Slow(Duration.ofSeconds(2)));
    world.after(Duration.ofSeconds(1), world::killSockets);
    assertThatThrownBy(this::hello).hasMessageContaining("Software caused connection abort");
  }

  @Test
  void aCallSleepsThroughAFreeze() {
    server.serve(80, () -> new Slow(Duration.ofSeconds(2)));
    CompletableFuture<String> answer = enqueue();
    world.advance(Duration.ofSeconds(1));
    world.freeze(Duration.ofMinutes(20));
    assertThat(world.await(answer, Duration.ofMillis(1))).isEqualTo("GET /hello");
  }

  /** What a plan throws goes through OkHttp, and what it leaves can be closed. */
  @Test
  void aPlanThatThrowsDuringACallFailsTheTest() {
    server.serve(80, Peers.mute());
    world.after(
        Duration.ofSeconds(1),
        () -> {
          throw new AssertionError("as planned");
        });
    assertThatThrownBy(this::hello).isInstanceOf(AssertionError.class).hasMessage("as planned");
    assertThat(world.elapsed()).isEqualTo(Duration.ofSeconds(1));
  }

  /** All the rest of the world would go on meanwhile, for years. */
  @Test
  void aCallOfTheTestsThreadThatWouldWaitForEverFailsTheTest() {
    HttpConnection patient =
        register("patient", new OkHttpClient.Builder().readTimeout(Duration.ZERO).build());
    server.serve(80, Peers.mute());
    assertThatThrownBy(() -> text(patient.client().newCall(HELLO)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("an hour of simulated time");
    CompletableFuture<String> queued = enqueue(patient.client().newCall(HELLO));
    world.advance(Duration.ofHours(9));
    assertThat(queued).as("on a thread of the world it may").isNotDone();
  }

  @Test
  void asManyCallsRunAtOnceAsTheAppsDispatcherSays() {
    OkHttpClient apps = new OkHttpClient();
    apps.dispatcher().setMaxRequestsPerHost(1);
    HttpConnection one = register("one", apps);
    server.serve(80, () -> new Slow(Duration.ofSeconds(3)));
    CompletableFuture<String> first = enqueue(one.client().newCall(HELLO));
    CompletableFuture<String> second = enqueue(one.client().newCall(HELLO));
    world.await(first);
    assertThat(server.streams()).isEqualTo(1);
    assertThat(second).isNotDone();
    world.await(second);
    assertThat(connects).hasValue(1);
  }

  /** As some apps do when they end. */
  @Test
  void whoseExecutorIsShutDownQueuesNothing() {
    api.client().dispatcher().executorService().shutdown();
    CompletableFuture<String> answer = enqueue();
    assertThatThrownBy(() -> world.await(answer)).hasMessageContaining("executor rejected");
  }

  // --------------------------------------------------------------------------------- real threads

  @Test
  void aCallIsCancelledByAnyThread() throws InterruptedException {
    server.serve(80, Peers.mute());
    Call call = api.client().newCall(HELLO);
    CompletableFuture<String> answer = enqueue(call);
    world.advance(Duration.ofSeconds(1));
    Thread other = new Thread(call::cancel);
    other.start();
    other.join();
    assertThatThrownBy(() -> world.await(answer, Duration.ofMillis(1)))
        .hasCauseInstanceOf(IOException.class);
  }

  /**
   * A test that fails in the middle leaves calls in flight; they end with the world, and at once.
   */
  @Test
  void callsInFlightEndWithTheWorld() {
    List<Throwable> failures = new ArrayList<>();
    try (SimulatedWorld other = new SimulatedWorld()) {
      other.host("203.0.113.1", "h.example").serve(80, Peers.mute());
      ConnectionRegistry left = other.registry().build();
      HttpConnection calls =
          left.http("api").client(other.httpClient(new OkHttpClient())).register();
      other.lifecycle().onForeground();
      for (int i = 0; i < 3; i++) {
        CompletableFuture<String> unused =
            enqueue(calls.client().newCall(HELLO))
                .whenComplete((text, failure) -> failures.add(failure));
      }
      other.advance(Duration.ofSeconds(1));
      assertThat(failures).isEmpty();
      assertThat(threadsOfCalls()).isNotEmpty();
    }
    assertThat(failures).hasSize(3);
    assertThat(threadsOfCalls()).isEmpty();
  }

  private static List<String> threadsOfCalls() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("OkHttp http://h.example"))
        .toList();
  }

  // ------------------------------------------------------------------------------------ the seed

  @Test
  void theSameSeedIsTheSameRun() throws IOException {
    assertThat(run(7)).isEqualTo(run(7)).isNotEqualTo(run(8));
  }

  private static String run(long seed) throws IOException {
    try (SimulatedWorld world = new SimulatedWorld(seed)) {
      Host server = world.host("203.0.113.1", "h.example");
      server.serve(80, () -> new Slow(Duration.ofMillis(300)));
      server.link().jitter(Duration.ofMillis(40)).loss(0.1);
      ConnectionRegistry registry = world.registry().build();
      OkHttpClient apps = new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(8)).build();
      HttpConnection api = registry.http("api").client(world.httpClient(apps)).register();
      world.lifecycle().onForeground();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) { // five at a time for one host
        calls.add(enqueue(api.client().newCall(HELLO)).exceptionally(Throwable::toString));
        world.advance(Duration.ofMillis(50));
      }
      world.after(Duration.ofMillis(350), world::killSockets);
      StringBuilder answers = new StringBuilder();
      calls.forEach(each -> answers.append(world.await(each)).append('\n'));
      world.lifecycle().onBackground();
      registry.close();
      world.assertNothingLeaks();
      return answers + world.timeline().toText() + world.elapsed() + world.network().fingerprint();
    }
  }
}
