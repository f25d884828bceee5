package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.Logged;
import io.dormouse.support.RawServer;
import io.dormouse.support.Registries;
import io.dormouse.tcp.TcpConnection;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A background hook that waited in vain leaves in the log for what. */
class AwaitSettledLogTest {
  private static final Duration SHORT = Duration.ofMillis(50);

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
              "WARN io.dormouse.registry - not settled within 50.0 ms: telemetry \\(DRAINING\\)"
                  + " finishes what was accepted, bytes queued: [1-9]");
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
          .contains("telemetry (DRAINING) waits for its peer to answer the close");
      server.next().close(); // the answer
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
