package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.support.Await;
import io.dormouse.support.FakeDns;
import io.dormouse.support.Registries;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.testing.SimulatedNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Calls share the look-ups that are in flight, with all connections, and wait for none that is not
 * needed.
 */
class HttpLookUpsTest {
  private static final String HOST = "h.example";
  private static final InetAddress HERE = SimulatedNetwork.address("127.0.0.1");

  private final HttpEchoServer server = new HttpEchoServer();
  private final SlowDns slow = new SlowDns();
  private final FakeDns async = new FakeDns();

  /** Blocks until the test lets it answer, and counts what it is asked. */
  private static final class SlowDns implements Dns {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger interrupted = new AtomicInteger();
    final Semaphore answers = new Semaphore(0);
    volatile RuntimeException failure;

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
      asked.incrementAndGet();
      try {
        answers.acquire();
      } catch (InterruptedException e) {
        interrupted.incrementAndGet();
        throw new UnknownHostException(hostname);
      }
      if (failure != null) {
        throw failure;
      } else if (!hostname.equals(HOST)) {
        throw new UnknownHostException(hostname);
      }
      return List.of(HERE);
    }
  }

  HttpLookUpsTest() {
    server.start();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Call call(HttpConnection api, String host) {
    return api.client()
        .newCall(new Request.Builder().url("http://" + host + ":" + server.port() + "/").build());
  }

  private CompletableFuture<String> enqueue(HttpConnection api) {
    return HttpRig.enqueue(call(api, HOST));
  }

  private Registries front(Dns dns) {
    Registries app = new Registries(builder -> builder.dns(dns));
    app.foreground();
    return app;
  }

  /** Waits until so many calls wait for a look-up, and the loop knows of each. */
  static void awaitWaiting(ConnectionRegistry registry, int calls) {
    Await.until(
        calls + " calls wait",
        () ->
            Thread.getAllStackTraces().values().stream()
                    .map(Arrays::toString)
                    .filter(frames -> frames.contains("SharedDns") && frames.contains("awaitCh"))
                    .count()
                == calls);
    new HeldLifecycle().awaitLoop(registry);
  }

  private static void assertAllAnswered(List<CompletableFuture<String>> calls) {
    calls.forEach(each -> assertThat(Await.get(each)).isEmpty());
  }

  private List<CompletableFuture<String>> wantTheSame(Registries app) {
    ConnectionRegistry registry = app.registry();
    HttpConnection api = registry.http("api").register();
    HttpConnection other = registry.http("other").register();
    List<CompletableFuture<String>> calls = new ArrayList<>();
    calls.add(enqueue(api));
    calls.add(enqueue(api));
    calls.add(enqueue(other));
    awaitWaiting(registry, 3);
    return calls;
  }

  @Test
  void whatCallsAndConnectionsWantAtOnceIsLookedUpOnce() {
    try (Registries app = front(slow)) {
      Connection tcp = app.registry().tcp("tcp").connectTo(HOST, server.port()).register();
      List<CompletableFuture<String>> calls = wantTheSame(app);
      slow.answers.release(100);
      assertAllAnswered(calls);
      Await.get(tcp.whenOpen());
      assertThat(slow.asked).hasValue(1);
    }
  }

  @Test
  void soIsWhatAResolverIsAskedThatDoesNotBlock() {
    try (Registries app = front(async)) {
      Connection tcp = app.registry().tcp("tcp").connectTo(HOST, server.port()).register();
      List<CompletableFuture<String>> calls = wantTheSame(app);
      Await.until("it was asked", () -> async.calls.size() == 1);
      async.last().answer(false);
      async.last().answer(true, HERE);
      assertAllAnswered(calls);
      Await.get(tcp.whenOpen());
      assertThat(async.calls).hasSize(1);
    }
  }

  @Test
  void aNameThatIsNotFoundIsNotFoundByAll() {
    try (Registries app = front(slow)) {
      HttpConnection api = app.registry().http("api").register();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(HttpRig.enqueue(call(api, "no.example")));
      }
      awaitWaiting(app.registry(), 3);
      slow.answers.release(100);
      List<Throwable> failures = calls.stream().map(Await::failure).toList();
      assertThat(failures).hasOnlyElementsOfType(UnknownHostException.class);
      assertThat(failures).doesNotHaveDuplicates(); // OkHttp writes into those that it gets
    }
  }

  @Test
  void aSuspendEndsTheLookUpThatOnlyCallsWaitFor() {
    try (Registries app = front(slow)) {
      HttpConnection api = app.registry().http("api").register();
      CompletableFuture<String> call = enqueue(api);
      awaitWaiting(app.registry(), 1);
      Await.until("it was asked", () -> slow.asked.get() == 1);
      app.suspend();
      assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
      Await.until("it was interrupted", () -> slow.interrupted.get() == 1);
    }
  }

  @Test
  void soDoesItIfThatDoesNotBlock() {
    try (Registries app = front(async)) {
      HttpConnection api = app.registry().http("api").register();
      CompletableFuture<String> call = enqueue(api);
      Await.until("it was asked", () -> async.calls.size() == 1);
      app.suspend();
      assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
      Await.until("it was cancelled", () -> async.last().isCanceled());
    }
  }

  @Test
  void aCallThatMayWaitAsksAgainInTheForeground() {
    try (Registries app = front(slow)) {
      HttpConnection api =
          app.registry()
              .http("api")
              .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1)))
              .register();
      CompletableFuture<String> call = enqueue(api);
      awaitWaiting(app.registry(), 1);
      app.suspend();
      HttpRig.awaitThreadAtTheGate();
      slow.answers.release(100);
      app.foreground();
      assertThat(Await.get(call)).isEmpty();
    }
  }

  @Test
  void aCallThatIsCancelledWaitsNoLongerAndTheOthersDo() {
    try (Registries app = front(slow)) {
      HttpConnection api = app.registry().http("api").register();
      Call first = call(api, HOST);
      CompletableFuture<String> cancelled = HttpRig.enqueue(first);
      CompletableFuture<String> second = enqueue(api);
      awaitWaiting(app.registry(), 2);
      first.cancel();
      assertThat(Await.failure(cancelled)).hasMessage("Canceled");
      assertThat(second).isNotDone();
      slow.answers.release(100);
      assertThat(Await.get(second)).isEmpty();
      assertThat(slow.asked).hasValue(1);
      assertThat(slow.interrupted).hasValue(0);
    }
  }

  @Test
  void whatOnlyACancelledCallWaitedForIsCancelled() {
    try (Registries app = front(async)) {
      Call call = call(app.registry().http("api").register(), HOST);
      CompletableFuture<String> cancelled = HttpRig.enqueue(call);
      Await.until("it was asked", () -> async.calls.size() == 1);
      call.cancel();
      assertThat(Await.failure(cancelled)).isInstanceOf(IOException.class);
      Await.until("it was cancelled", () -> async.last().isCanceled());
    }
  }

  @Test
  void aRegistryThatIsClosedInALookUpKeepsNoCall() {
    CompletableFuture<String> call;
    try (Registries app = front(slow)) {
      HttpConnection api = app.registry().http("api").register();
      call = enqueue(api);
      awaitWaiting(app.registry(), 1);
    }
    assertThat(Await.failure(call)).hasMessageContaining("api");
  }

  @Test
  void whatTheResolverThrowsIsTheCallers() {
    slow.failure = new IllegalStateException("no configuration");
    slow.answers.release(100);
    try (Registries app = front(slow)) {
      HttpConnection api = app.registry().http("api").register();
      assertThat(catchThrowable(() -> call(api, HOST).execute())).isSameAs(slow.failure);
    }
  }

  /** It is asked by others too, who are no calls of the connection. */
  @Test
  void whoAsksTheClientsResolverIsAnsweredByTheApps() throws Exception {
    slow.answers.release(100);
    try (Registries app = front(slow)) {
      OkHttpClient client = app.registry().http("api").register().client();
      assertThat(client.dns().lookup(HOST)).containsExactly(HERE);
      CountDownLatch answered = new CountDownLatch(1);
      client
          .dns()
          .newCall(new Dns.Request(HOST))
          .enqueue(
              new Dns.Callback() {
                @Override
                public void onRecords(Dns.Call of, boolean last, List<? extends Dns.Record> all) {
                  answered.countDown();
                }

                @Override
                public void onFailure(Dns.Call of, IOException e) {}
              });
      Await.latch(answered);
    }
  }
}
