package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.NotOpenException;
import io.dormouse.support.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait for the foreground. */
class HttpWaitTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final HttpRig rig = new HttpRig(Flavor.HTTP_1);
  private final OkHttpClient base = new OkHttpClient();

  @AfterEach
  void close() {
    rig.close();
  }

  private HttpConnection register(Duration wait) {
    return rig.register(
        "api", builder -> builder.client(base).whileSuspended(WhileSuspended.waitUpTo(wait)));
  }

  /** Enqueues a call and waits until its thread waits at the gate. */
  private CompletableFuture<String> enqueueAndAwaitGate(Call call) {
    CompletableFuture<String> future = HttpRig.enqueue(call);
    HttpRig.awaitThreadAtTheGate();
    return future;
  }

  @Test
  void aCallThatMayWaitSucceedsInTheForeground() {
    HttpConnection http = register(LONG);
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    assertThat(call).isNotDone();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aWaitingCallDoesNotHoldUpTheNextSuspend() {
    HttpConnection http = register(LONG);
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    http.pause();
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    assertThat(rig.suspend().took()).isLessThan(HttpRig.BUDGET);
    assertThat(call).isNotDone();
    http.resume();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aCallThatSawTheAppAwayForAMomentGoesOnWhenItIsBack() {
    goesOnAfterAMoment(http -> rig.lifecycle.onBackground(), http -> rig.lifecycle.onForeground());
  }

  @Test
  void aCallThatSawItsConnectionPausedForAMomentGoesOnWhenItIsNot() {
    goesOnAfterAMoment(HttpConnection::pause, HttpConnection::resume);
  }

  /** The connection takes no step meanwhile, so no gate opens: nothing but the end is to tell. */
  private void goesOnAfterAMoment(Consumer<HttpConnection> begin, Consumer<HttpConnection> end) {
    HttpConnection http = register(LONG);
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    rig.lifecycle.holdLoop(rig.registry);
    begin.accept(http);
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    end.accept(http);
    rig.lifecycle.releaseLoop();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aCallWaitsNoLongerThanItMay() {
    HttpConnection http = register(Duration.ofMillis(100));
    long start = System.nanoTime();
    assertThatThrownBy(() -> rig.get(http.client(), "/ok"))
        .isInstanceOf(SuspendedException.class)
        .hasMessageStartingWith("api: waited 100.0 ms in vain: suspended");
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
  }

  @Test
  void aWaitingCallCanBeCancelled() {
    HttpConnection http = register(LONG);
    Call call = http.client().newCall(rig.request("/ok"));
    CompletableFuture<String> future = enqueueAndAwaitGate(call);
    call.cancel();
    assertThat(Await.failure(future)).isInstanceOf(IOException.class).hasMessage("Canceled");
  }

  @Test
  void aWaitingWebSocketCanBeCancelled() {
    HttpConnection http = register(LONG);
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    WebSocket webSocket =
        http.client()
            .newWebSocket(
                rig.request("/socket"),
                new WebSocketListener() {
                  @Override
                  public void onFailure(WebSocket socket, Throwable t, Response response) {
                    failed.complete(t);
                  }
                });
    HttpRig.awaitThreadAtTheGate();
    webSocket.cancel();
    assertThat(Await.get(failed)).hasMessage("Canceled");
  }

  @Test
  void theCallTimeoutCountsWhileACallWaits() {
    HttpConnection http = register(LONG);
    Call call = http.client().newCall(rig.request("/ok"));
    call.timeout().timeout(100, TimeUnit.MILLISECONDS);
    assertThatThrownBy(call::execute)
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
  }

  @Test
  void aWaitingCallHearsOfTheEnd() {
    HttpConnection http = register(LONG);
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    http.close();
    assertThat(Await.failure(call))
        .isInstanceOf(NotOpenException.class)
        .hasMessageStartingWith("api: not open but CLOSED");
  }

  /** It has been told that the connection is open, and nothing tells it so once more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatSawItsConnectionOpenAndThenAsleepHearsOfTheEnd(boolean ofTheRegistry) {
    HttpConnection http = register(LONG);
    rig.lifecycle.onForeground();
    Await.get(http.whenOpen());
    rig.lifecycle.holdLoop(rig.registry);
    rig.lifecycle.onBackground();
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    rig.lifecycle.releaseLoop();
    rig.settled();
    HttpRig.awaitThreadAtTheGate();
    if (ofTheRegistry) {
      rig.lifecycle.onTerminate();
    } else {
      http.close();
    }
    assertThat(Await.failure(call)).isInstanceOf(NotOpenException.class);
  }

  /** The network goes as the app does, and the loop hears of that later than the call. */
  @Test
  void aCallWhoseLookUpFailsAsTheAppLeavesWaitsLikewise() {
    FailingDns dns = new FailingDns();
    HttpConnection http =
        rig.register(
            "api",
            builder -> builder.client(dns.client()).whileSuspended(WhileSuspended.waitUpTo(LONG)));
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = HttpRig.enqueue(http.client().newCall(rig.request("/ok")));
    dns.leaveMeanwhile(rig);
    HttpRig.awaitThreadAtTheGate();
    rig.lifecycle.releaseLoop();
    rig.settled();
    assertThat(call).isNotDone();
    rig.lifecycle.onForeground();
    assertThat(Await.get(call)).isEqualTo("hello");
  }

  @Test
  void aWaitingCallHearsOfTheRegistrysEnd() {
    HttpConnection http = register(LONG);
    CompletableFuture<String> call = enqueueAndAwaitGate(http.client().newCall(rig.request("/ok")));
    rig.registry.close();
    assertThat(Await.failure(call)).isInstanceOf(NotOpenException.class);
  }

  @Test
  void anInterruptEndsTheWait() throws InterruptedException {
    HttpConnection http = register(LONG);
    CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                rig.get(http.client(), "/ok");
                stillInterrupted.complete(false);
              } catch (InterruptedIOException e) {
                stillInterrupted.complete(Thread.currentThread().isInterrupted());
              } catch (IOException e) {
                stillInterrupted.completeExceptionally(e);
              }
            });
    caller.start();
    HttpRig.awaitThreadAtTheGate();
    caller.interrupt();
    assertThat(Await.get(stillInterrupted)).isTrue();
    caller.join();
  }
}
