package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.Logged;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.tcp.TcpConnection;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** A background hook that waited without result leaves in the log for what. */
class AwaitSettledLogTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void aPeerThatReadsNothingIsNamedWithWhatWaitsForIt() throws IOException {
    try (Logged log = new Logged();
        RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofSeconds(20))) {
      TcpConnection tcp = open(app, server);
      var unused = tcp.send(new byte[64 << 20]); // more than the system's buffers take
      app.background();
      assertThat(app.registry().awaitSettled(SHORT)).isFalse();
      assertThat(log.text())
          .containsPattern(
              "WARN io.dormouse.registry - not settled within 200.0 ms: telemetry \\(DRAINING\\)"
                  + " finishes what was accepted, bytes queued: [1-9]\\d*, for 1\\d\\.\\d s more at most");
      server.next().close(); // resets it, so that nothing waits for the budget
    }
  }

  @Test
  void aPeerThatDoesNotAnswerTheCloseIsNamed() throws IOException {
    try (Logged log = new Logged();
        RawServer server = new RawServer();
        Registries app = new Registries(it -> it.closeTimeout(Duration.ofSeconds(3)))) {
      open(app, server);
      app.background();
      assertThat(app.registry().awaitSettled(SHORT)).isFalse();
      assertThat(log.text())
          .containsPattern(
              "telemetry \\(DRAINING\\) waits for its peer to answer the close,"
                  + " for [\\d.]+ m?s more at most");
      server.next().close(); // the answer
    }
  }

  @Test
  void callsInFlightAreNamed() throws IOException {
    try (Logged log = new Logged();
        RawServer server = new RawServer();
        Registries app = new Registries(Duration.ofSeconds(20))) {
      OkHttpClient api = app.registry().http("api").register().client();
      app.foreground();
      Call call =
          api.newCall(new Request.Builder().url("http://127.0.0.1:" + server.port()).build());
      CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> execute(call));
      try (Socket peer = server.next()) {
        assertThat(peer.getInputStream().read()).isEqualTo('G'); // it is in flight
        app.background();
        assertThat(app.registry().awaitSettled(SHORT)).isFalse();
      }
      assertThat(log.text())
          .containsPattern(
              "api \\(DRAINING\\) lets calls in flight finish, sockets open: 1,"
                  + " for 1\\d\\.\\d s more at most");
      Await.get(ended);
    }
  }

  private static void execute(Call call) {
    try {
      call.execute().close();
    } catch (IOException e) {
      // The server has gone without an answer.
    }
  }

  @Test
  void aCallbackThatHangsIsNotWaitedFor() throws IOException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (Logged log = new Logged();
        RawServer server = new RawServer();
        Registries app = new Registries()) {
      app.registry()
          .tcp("telemetry")
          .connectTo("127.0.0.1", server.port())
          .onData(
              (tcp, bytes) -> {
                entered.countDown();
                Await.hold(over);
              })
          .register();
      app.foreground();
      try (Socket peer = server.next()) {
        peer.getOutputStream().write(1);
        Await.latch(entered);
        app.background();
        peer.shutdownOutput(); // it answers the close
        assertThat(app.registry().awaitSettled(Await.LIMIT)).isTrue();
      }
      assertThat(log.text()).doesNotContain("not settled");
      over.countDown();
    }
  }

  @Test
  void whatSettlesInTimeIsNotInTheLog() {
    try (Logged log = new Logged();
        Registries app = new Registries()) {
      app.foreground();
      app.background();
      assertThat(app.registry().awaitSettled(Await.LIMIT)).isTrue();
      assertThat(log.text()).doesNotContain("not settled");
    }
  }

  private static TcpConnection open(Registries app, RawServer server) {
    TcpConnection tcp =
        app.registry().tcp("telemetry").connectTo("127.0.0.1", server.port()).register();
    app.foreground();
    Await.get(tcp.whenOpen());
    return tcp;
  }
}
