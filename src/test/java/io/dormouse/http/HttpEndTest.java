package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionException;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a connection and of its registry. */
class HttpEndTest {
  private final HttpRig rig = new HttpRig(Flavor.HTTP_1);

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void closeLetsTheCallInFlightFinish() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
    rig.awaitArrived(1);
    http.close();
    Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
    rig.release.countDown();
    assertThat(Await.get(call)).isEqualTo("hello");
    Await.until("closed", () -> http.state() == ConnectionState.CLOSED);
    assertThat(rig.openSockets()).isZero();
  }

  @Test
  void closeWaitsNoLongerThanTheBudgetForTheCallInFlight() {
    HttpConnection http = rig.register();
    rig.lifecycle.onForeground();
    CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
    rig.awaitArrived(1);
    long start = System.nanoTime();
    rig.registry.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(HttpRig.BUDGET.multipliedBy(10));
    assertThat(http.state()).isEqualTo(ConnectionState.CLOSED);
    assertThat(rig.openSockets()).isZero();
    assertThat(Await.failure(call)).isInstanceOf(IOException.class);
  }

  @Test
  void theEndLeavesNoThreadOfOurs() {
    HttpConnection http = rig.registry.http("api").register(); // with threads of our own
    rig.lifecycle.onForeground();
    assertThat(Await.get(rig.enqueue(http.client(), "/ok"))).isEqualTo("hello");
    Await.until("a thread that waits for the next call", () -> dispatcherThreads() > 0);

    http.close();
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
    rig.registry.close();
    OwnThreads.awaitNoneBesides(List.of());

    // A call on what is closed still gets its answer, and leaves no thread either.
    assertThat(Await.failure(rig.enqueue(http.client(), "/ok")))
        .isInstanceOf(ConnectionException.class);
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
  }

  @Test
  void theBackgroundLeavesNoIdleThreadForCalls() {
    HttpConnection http = rig.registry.http("api").register();
    rig.lifecycle.onForeground();
    assertThat(Await.get(rig.enqueue(http.client(), "/ok"))).isEqualTo("hello");
    rig.suspend();
    Await.until("no thread for calls", () -> dispatcherThreads() == 0);
  }

  private long dispatcherThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("OkHttp Dispatcher"))
        .filter(Thread::isDaemon) // those of the app's clients are not
        .count();
  }
}
