package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Outcome;
import io.dormouse.support.Await;
import io.dormouse.support.Rounds;
import io.dormouse.support.StateLog;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a suspend does to calls and sockets, over each flavor of HTTP. */
class HttpSuspendTest {
  @ParameterizedTest
  @EnumSource
  void noSocketIsLeftInTheBackgroundNotEvenAnIdleOne(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor)) {
      StateLog log = new StateLog();
      HttpConnection http = rig.register("api", builder -> builder.onStateChange(log));
      rig.lifecycle.onForeground();

      assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
      assertThat(rig.openSockets()).isEqualTo(1);
      assertThat(http.client().connectionPool().idleConnectionCount()).isEqualTo(1);

      SuspendReport report = rig.suspend();
      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(report.took()).isLessThan(HttpRig.BUDGET);
      assertThat(http.client().connectionPool().connectionCount()).isZero();
      log.await(ConnectionState.SUSPENDED);
      assertThat(log.states())
          .containsExactly(
              ConnectionState.SUSPENDED,
              ConnectionState.CONNECTING,
              ConnectionState.PREPARING,
              ConnectionState.OPEN,
              ConnectionState.DRAINING,
              ConnectionState.SUSPENDED);
    }
  }

  /** PEERS 6 and 12: no dead socket is taken from the pool, and no call comes too early. */
  @ParameterizedTest
  @EnumSource
  void theFirstCallAfterTheReturnSucceedsEveryTime(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor)) {
      OkHttpClient client = rig.register().client();
      boolean handshakes = flavor == Flavor.HTTPS_1 || flavor == Flavor.HTTPS_2; // they take long
      int rounds = handshakes ? 10 : 30;
      for (int i = 0; i < rounds; i++) {
        rig.lifecycle.onForeground();
        assertThat(rig.get(client, "/ok")).isEqualTo("hello");
        rig.lifecycle.onBackground();
        if (i % 2 == 0) { // the others come back while it is still closing
          rig.settled();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void callsInFlightFinishBeforeTheSocketsAreClosed(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(rig.enqueue(http.client(), "/hold"));
      }
      rig.awaitArrived(3);

      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      rig.release.countDown();

      calls.forEach(call -> assertThat(Await.get(call)).isEqualTo("hello"));
      SuspendReport report = rig.settled();
      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(report.took()).isLessThan(Duration.ofSeconds(10));
    }
  }

  /** PEERS 7: what is busy is closed too, and it is counted. */
  @ParameterizedTest
  @EnumSource
  void aServerThatNeverAnswersCostsTheBudgetAndNotMore(Flavor flavor) {
    Rounds.untilInTime("settled within the budget", () -> takesNoMoreThanTheBudget(flavor));
  }

  private static boolean takesNoMoreThanTheBudget(Flavor flavor) {
    Duration budget = HttpRig.SHORT_BUDGET;
    try (HttpRig rig = new HttpRig(flavor, budget)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);

      rig.lifecycle.onBackground();
      SuspendReport report = Await.get(rig.registry.settled());
      long sockets = rig.openSockets();

      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
      assertThat(report.took()).isGreaterThanOrEqualTo(budget.multipliedBy(9).dividedBy(10));
      assertThat(Await.failure(call))
          .isInstanceOf(CutOffException.class)
          .hasMessageStartingWith("api: the call was cut off when the connection was suspended; ");
      return report.withinBudget() && report.socketsLeft() == 0 && sockets == 0;
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancelInFlightDoesNotWaitForTheServer(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register("api", builder -> builder.inFlight(InFlight.CANCEL));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);

      SuspendReport report = rig.suspend();

      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(report.took()).isLessThan(Duration.ofSeconds(10));
      assertThat(Await.failure(call)).isInstanceOf(CutOffException.class);
      rig.release.countDown();
      rig.lifecycle.onForeground();
      assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aResponseBodyThatIsStillReadIsInFlight(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/stream")).execute()) {
        assertThat(response.body().source().readUtf8(5)).isEqualTo("hello");

        rig.lifecycle.onBackground();
        Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
        rig.release.countDown();

        assertThat(response.body().source().readUtf8(5)).isEqualTo("world");
      }
      SuspendReport report = rig.settled();
      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1", "HTTPS_2"}) // each takes a second
  void aResponseBodyThatNobodyReadsIsCutOffAtTheBudget(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor)) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/stream")).execute()) {
        SuspendReport report = rig.suspend();
        assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.ABORTED);
        assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);

        // Left open still, it does not hold up the next suspend.
        rig.lifecycle.onForeground();
        rig.release.countDown();
        assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
        assertThat(rig.suspend().find("api").orElseThrow().outcome())
            .isEqualTo(Outcome.CLOSED_CLEANLY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverSentEventsHaveNoEndSoNobodyWaitsForIt(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      try (Response response = http.client().newCall(rig.request("/events")).execute()) {
        assertThat(response.body().source().readUtf8(5)).isEqualTo("hello");
        SuspendReport report = rig.suspend();
        assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
        assertThat(report.took()).isLessThan(Duration.ofSeconds(10));
        assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1", "HTTPS_1"}) // OkHttp's WebSocket speaks HTTP/1.1 only
  void okHttpsWebSocketIsClosedToo(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<Throwable> failed = rig.webSocket(http.client());
      assertThat(rig.openSockets()).isEqualTo(1);

      SuspendReport report = rig.suspend();

      assertThat(report.took()).isLessThan(Duration.ofSeconds(10));
      assertThat(Await.get(failed)).isInstanceOf(IOException.class);
      rig.lifecycle.onForeground();
      CompletableFuture<Throwable> again = rig.webSocket(http.client());
      assertThat(again).isNotDone();
    }
  }

  @ParameterizedTest
  @EnumSource
  void backDuringTheDrainAndNothingHappened(Flavor flavor) {
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);

      rig.lifecycle.onBackground();
      Await.until("draining", () -> http.state() == ConnectionState.DRAINING);
      rig.lifecycle.onForeground();
      CompletableFuture<String> second = rig.enqueue(http.client(), "/ok");

      assertThat(Await.get(second)).isEqualTo("hello");
      assertThat(call).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(call)).isEqualTo("hello");
      SuspendReport report = Await.get(rig.registry.settled());
      assertThat(report.find("api").orElseThrow().outcome()).isEqualTo(Outcome.STAYED_OPEN);
      assertThat(http.snapshot().generation()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTaskKeepsWhatItCoversAndNothingElse(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor)) {
      HttpConnection covered = rig.register("upload", builder -> builder);
      HttpConnection other = rig.register("other", builder -> builder);
      rig.lifecycle.onForeground();
      rig.get(covered.client(), "/ok");
      rig.get(other.client(), "/ok");
      LongRunningTask task = rig.registry.startTask("sync", t -> t.covering(covered));

      rig.lifecycle.onBackground();
      SuspendReport report = Await.get(rig.registry.settled());
      assertThat(report.find("upload").orElseThrow().outcome()).isEqualTo(Outcome.KEPT);
      assertThat(report.find("other").orElseThrow().outcome()).isEqualTo(Outcome.CLOSED_CLEANLY);
      assertThat(rig.openSockets()).isEqualTo(1);
      assertThat(rig.get(covered.client(), "/ok")).isEqualTo("hello");
      assertThatThrownBy(() -> rig.get(other.client(), "/ok"))
          .isInstanceOf(SuspendedException.class);

      task.close();
      rig.settled();
      assertThatThrownBy(() -> rig.get(covered.client(), "/ok"))
          .isInstanceOf(SuspendedException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTaskThatStartsInTheBackgroundWakesWhatItCovers(Flavor flavor) throws IOException {
    try (HttpRig rig = new HttpRig(flavor)) {
      HttpConnection http = rig.register();
      try (LongRunningTask task = rig.registry.startTask("sync", t -> t.covering(http))) {
        assertThat(task.covered()).containsExactly("api");
        assertThat(rig.get(http.client(), "/ok")).isEqualTo("hello");
      }
      rig.settled();
    }
  }
}
