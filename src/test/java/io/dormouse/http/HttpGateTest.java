package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets through the gate, and who does not. */
class HttpGateTest {
  private final HttpRig rig = new HttpRig(Flavor.HTTP_1);

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aCallInTheBackgroundFailsFastAndSaysWhatToDo() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    rig.get(http.client(), "/ok");
    rig.suspend();

    assertThatThrownBy(() -> rig.get(http.client(), "/ok?token=secret"))
        .isInstanceOf(SuspendedException.class)
        .hasMessage(
            "api: suspended, since the app is not in the foreground; call again when it is, or"
                + " start a long-running task that covers this connection");
    assertThat(Await.failure(rig.enqueue(http.client(), "/ok")))
        .isInstanceOf(SuspendedException.class);
    assertThat(rig.arrived).hasValue(1);
  }

  @Test
  void aCallBeforeTheFirstForegroundFailsFast() {
    HttpConnection http = rig.register();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok")).isInstanceOf(SuspendedException.class);
  }

  @Test
  void aConnectionThatIsRegisteredInTheForegroundTakesCallsAtOnce() throws IOException {
    rig.lifecycle.onForeground();
    for (int i = 0; i < 50; i++) {
      try (HttpConnection http = rig.register()) {
        assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
      }
    }
  }

  /** PEERS 15: the gate closes first, before the loop has even heard of the background. */
  @Test
  void theGateIsClosedWhenTheBackgroundHookHasReturned() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    rig.get(http.client(), "/ok"); // an idle socket that could carry another call
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onBackground();

    assertThatThrownBy(() -> rig.get(http.client(), "/ok")).isInstanceOf(SuspendedException.class);
    assertThatThrownBy(() -> http.client().socketFactory().createSocket())
        .isInstanceOf(SuspendedException.class);

    assertThat(http.state()).isEqualTo(ConnectionState.OPEN);
    rig.lifecycle.releaseLoop();
    rig.settled();
  }

  /** PEERS 12: wanted but not open yet is no reason to fail. */
  @Test
  void aCallRightAfterTheReturnWaitsForALoopThatIsLate() {
    HttpConnection http = rig.register();
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
    HttpRig.awaitThreadAtTheGate();
    assertThat(http.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(call).isNotDone();

    rig.lifecycle.releaseLoop();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aCallThatTheLoopIsTooLateForGivesUpAtTheConnectTimeout() {
    OkHttpClient base = new OkHttpClient.Builder().connectTimeout(Duration.ofMillis(50)).build();
    HttpConnection http = rig.register("api", builder -> builder.client(base));
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onForeground();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(NotOpenException.class)
        .hasMessageStartingWith("api: not open but SUSPENDED");
  }

  /** Without a name, which is looked up by way of the loop. */
  private Request byAddress(String path) {
    String address = InetAddress.getLoopbackAddress().getHostAddress();
    Request named = rig.request(path);
    return named.newBuilder().url(named.url().newBuilder().host(address).build()).build();
  }

  /** The loop saw the background, but what it does about it must not hit what came after. */
  @Test
  void cancelInFlightSparesACallThatBeganAfterTheReturn() {
    HttpConnection http = rig.register("api", builder -> builder.inFlight(InFlight.CANCEL));
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onBackground();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = HttpRig.enqueue(http.client().newCall(byAddress("/hold")));
    rig.awaitArrived(1);

    rig.lifecycle.releaseLoop();
    assertThat(Await.get(rig.registry.settled()).connections()).isEmpty(); // never seen to leave
    rig.release.countDown();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aPausedConnectionSaysSo() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    http.pause();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(SuspendedException.class)
        .hasMessage("api: paused by the app; resume() lets calls through again");
    http.resume();
    assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
  }

  @Test
  void aClosedConnectionSaysSo() throws IOException {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    rig.get(http.client(), "/ok");
    http.close();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(NotOpenException.class)
        .hasMessage("api: not open but CLOSED; register a new connection");
    assertThat(Await.failure(rig.enqueue(http.client(), "/ok")))
        .isInstanceOf(NotOpenException.class);
    Await.until("no socket", () -> rig.openSockets() == 0);
  }

  /** At once, before the loop has heard of it, and for ever after. */
  @Test
  void aConnectionOfAnAppThatHasEndedSaysThatItsRegistryIsClosed() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onTerminate();
    assertSaysThatTheRegistryIsClosed(http);
    rig.lifecycle.releaseLoop();
    Await.until("closed", () -> http.state() == ConnectionState.CLOSED);
    assertSaysThatTheRegistryIsClosed(http);
  }

  private void assertSaysThatTheRegistryIsClosed(HttpConnection http) {
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(NotOpenException.class)
        .hasMessage("api: not open but CLOSED; the registry is closed, so build a new one");
  }

  // --------------------------------------------------------------------------------- queued calls

  @Test
  void enqueuedCallsWereAcceptedAndAreDrainedToo() {
    HttpConnection http = registerWithOneCallAtATime(builder -> builder.inFlight(InFlight.DRAIN));
    rig.lifecycle.onForeground();
    List<CompletableFuture<String>> calls = enqueueThree(http);

    rig.lifecycle.onBackground();
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
    rig.release.countDown();

    calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
    assertThat(rig.settled().find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  @Test
  void enqueuedCallsThatTheBudgetDidNotSufficeForFailWithoutHavingBeenSent() {
    HttpConnection http = registerWithOneCallAtATime(builder -> builder.inFlight(InFlight.DRAIN));
    rig.lifecycle.onForeground();
    List<CompletableFuture<String>> calls = enqueueThree(http);

    assertThat(rig.suspend().find("api").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);

    assertThat(Await.failure(calls.get(0))).hasMessageContaining("cut off");
    assertThat(Await.failure(calls.get(1))).hasMessageContaining("not in the foreground");
    assertThat(Await.failure(calls.get(2))).hasMessageContaining("not in the foreground");
    assertThat(rig.arrived).hasValue(1);
  }

  @Test
  void enqueuedCallsThatMayWaitOutliveTheSuspend() {
    HttpConnection http =
        registerWithOneCallAtATime(
            builder -> builder.whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
    rig.lifecycle.onForeground();
    List<CompletableFuture<String>> calls = enqueueThree(http);

    rig.suspend();
    assertThat(Await.failure(calls.get(0))).hasMessageContaining("cut off");
    rig.release.countDown();
    rig.lifecycle.onForeground();

    assertThat(Await.get(calls.get(1))).isEqualTo("hello");
    assertThat(Await.get(calls.get(2))).isEqualTo("hello");
    assertThat(rig.arrived).hasValue(3);
  }

  private HttpConnection registerWithOneCallAtATime(UnaryOperator<HttpBuilder> more) {
    OkHttpClient base = new OkHttpClient();
    base.dispatcher().setMaxRequests(1);
    return rig.register("api", builder -> more.apply(builder.client(base)));
  }

  private List<CompletableFuture<String>> enqueueThree(HttpConnection http) {
    Await.get(http.whenOpen()); // what queues before that is not accepted yet
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      calls.add(rig.enqueue(http.client(), "/hold"));
    }
    rig.awaitArrived(1);
    assertThat(http.client().dispatcher().queuedCallsCount()).isEqualTo(2);
    return calls;
  }

  // ----------------------------------------------------------------------- no new socket any more

  @Test
  void aCallInFlightGetsNoNewSocket() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/moved");
    rig.awaitArrived(1);
    rig.lifecycle.onBackground();
    rig.release.countDown(); // now it is redirected to where it has no socket

    assertThat(Await.failure(call)).isInstanceOf(CutOffException.class);
    rig.settled();
    assertThat(rig.arrived).hasValue(1);
  }

  @Test
  void aCallThatTheServerHasSeenIsNotSentAgain() throws IOException {
    HttpConnection http =
        rig.register(
            "api",
            builder -> builder.whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/moved");
    rig.awaitArrived(1);
    rig.lifecycle.onBackground();
    rig.release.countDown(); // it may wait, but beginning anew would repeat its first request

    assertThat(Await.failure(call)).isInstanceOf(CutOffException.class);
    rig.settled();
    rig.lifecycle.onForeground();
    rig.get(http.client(), "/ok");
    assertThat(rig.arrived).hasValue(2);
  }

  @Test
  void aCallThatHadNoSocketYetFailsFast() {
    SlowDns dns = new SlowDns();
    HttpConnection http = rig.register("api", builder -> builder.client(dns.client()));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
    Await.latch(dns.asked);
    rig.lifecycle.onBackground();
    dns.answer.countDown();

    assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
    assertThat(rig.settled().find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
  }

  @Test
  void aCallThatHadNoSocketYetWaitsForOneIfItMay() {
    SlowDns dns = new SlowDns();
    HttpConnection http =
        rig.register(
            "api",
            builder ->
                builder
                    .client(dns.client())
                    .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1))));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
    Await.latch(dns.asked);
    rig.lifecycle.onBackground();
    dns.answer.countDown();

    assertThat(rig.settled().find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThat(call).isNotDone();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(rig.arrived).hasValue(1);
  }

  /** The network goes as the app does, and the loop hears of that later than the call. */
  @Test
  void aCallWhoseLookUpFailsAsTheAppLeavesSaysThatTheAppHasLeft() {
    FailingDns dns = new FailingDns();
    HttpConnection http = rig.register("api", builder -> builder.client(dns.client()));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
    dns.leaveMeanwhile(rig);
    assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
    rig.lifecycle.releaseLoop();
    rig.settled();
  }

  /** A resolver that says that it was asked, and answers when it is told to. */
  private static final class SlowDns implements Dns {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch answer = new CountDownLatch(1);

    OkHttpClient client() {
      return new OkHttpClient.Builder().dns(this).build();
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
      asked.countDown();
      Await.hold(answer);
      return Dns.SYSTEM.lookup(hostname);
    }
  }

  // ----------------------------------------------------------------------------- derived further

  @Test
  void aClientDerivedWithAnEventListenerOfItsOwnObeysToo() throws IOException {
    HttpConnection http = rig.register();
    OkHttpClient derived = http.client().newBuilder().eventListener(EventListener.NONE).build();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(derived, "/hold");
    rig.awaitArrived(1);
    rig.lifecycle.onBackground();
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
    rig.release.countDown();

    assertThat(Await.get(call)).isEqualTo("hello");
    assertThat(rig.settled().find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    assertThatThrownBy(() -> rig.get(derived, "/ok")).isInstanceOf(SuspendedException.class);
  }

  @Test
  void aWebSocketInTheBackgroundFailsFast() {
    HttpConnection http = rig.register();
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    WebSocket unused =
        http.client()
            .newWebSocket(
                new Request.Builder().url(rig.url("/socket")).build(),
                new WebSocketListener() {
                  @Override
                  public void onFailure(WebSocket socket, Throwable t, Response response) {
                    failed.complete(t);
                  }
                });
    assertThat(Await.get(failed)).isInstanceOf(SuspendedException.class);
  }
}
