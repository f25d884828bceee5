package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.support.RecordingLogger;
import io.dormouse.task.LongRunningTask;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** What somebody reads at 3 a.m. */
class EventLogTest {
  private static final CloseReason UNRESOLVED =
      CloseReason.of(Kind.UNRESOLVED, "telemetry.example.com has no address");
  private static final CloseReason REFUSED =
      CloseReason.of(Kind.CONNECT_FAILED, "Connection refused");

  private final Rig rig = new Rig();
  private final RecordingLogger registry = new RecordingLogger();
  private final RecordingLogger connections = new RecordingLogger();

  @BeforeEach
  void listen() {
    rig.engine.addObserver(new EventLog(Rig.MIN_UPTIME, registry, connections));
  }

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private List<String> info() {
    return connections.lines(Level.INFO);
  }

  @Test
  void aSessionIsOneLineForTheResumeAndOneForTheSuspendAndNoneForEachConnection() {
    rig.register("a");
    rig.register("b");
    FakeConnection kept = rig.register("kept");
    rig.register(rig.prepared("silent").answer(Step.SOFT_CLOSE, Answer.LATER));
    FakeConnection broken = rig.registerSlow("broken");
    rig.front();
    rig.advance(Duration.ofNanos(14_840_000));
    rig.onLoop(() -> broken.wire().end(REFUSED));
    rig.task("upload", kept);
    rig.back();
    rig.advance(Rig.CLOSE_TIMEOUT);
    assertThat(registry.lines(Level.INFO))
        .containsExactly(
            "INFO resumed: 5 connections in 14.8 ms, 4 opened, 1 first attempt failed",
            "INFO suspended: 5 connections in 1.0 s, 2 closed cleanly, 1 aborted, 1 kept, 1 was not"
                + " open");
    assertThat(info()).containsExactly("INFO broken: in trouble, and tries again: " + REFUSED);
  }

  @Test
  void aSuspendThatTookTooLongIsAWarningAndSocketsThatAreLeftAreAnError() {
    FakeConnection leaky = rig.register("leaky");
    rig.front();
    leaky.leaks = true;
    rig.app.back();
    rig.loop.stall(Duration.ofSeconds(9));
    rig.run();
    assertThat(registry.lines(Level.WARN))
        .containsExactly(
            "ERROR sockets are still open after the suspend: leaky (SUSPENDED)",
            "WARN suspended, but not within the budget: 1 connection in 9.0 s, 1 closed cleanly");
    leaky.leaks = false;
  }

  /** It was 4 lines a second. */
  @Test
  void aHostThatDoesNotResolveIsToldWhenItBeginsAndAfter1And2And4AndMoreMinutes() {
    FakeConnection connection = rig.register(rig.prepared("telemetry"));
    connection.endsWith(UNRESOLVED).answer(Step.CONNECT, Answer.ENDS);
    rig.front();
    rig.advance(Duration.ofMinutes(1));
    assertThat(connection.wires()).hasSizeGreaterThan(20);
    assertThat(info()).hasSize(1);
    rig.advance(Duration.ofMinutes(14));
    assertThat(info())
        .hasSize(5)
        .startsWith("INFO telemetry: in trouble, and tries again: " + UNRESOLVED);
    assertThat(info().get(1))
        .matches("INFO telemetry: still in trouble after [6-9]\\d\\.\\d s, failures: .*");
    assertThat(info().get(2))
        .matches("INFO telemetry: still in trouble after [23] min, failures: .*");
    assertThat(info().get(4)).endsWith(", the latest: " + UNRESOLVED);
    connection.answer(Step.CONNECT, Answer.AT_ONCE);
    rig.advance(Duration.ofMinutes(1));
    assertThat(info()).hasSize(6);
    assertThat(info().get(5)).matches("INFO telemetry: open again after 15 min, failures: \\d+");
  }

  @Test
  void oneThatComesAndGoesIsInOneTrouble() {
    FakeConnection connection = rig.register("flaky");
    rig.front();
    for (int i = 0; i < 20; i++) {
      rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET)));
      rig.advance(Duration.ofMillis(1));
      connection.retryNow();
      rig.advance(Duration.ofMillis(10));
      assertThat(connection.state()).isEqualTo(ConnectionState.OPEN);
    }
    assertThat(info())
        .containsExactly(
            "INFO flaky: in trouble, and tries again: PEER_RESET",
            "INFO flaky: open again after 1.0 ms, failures: 1");
    rig.advance(Rig.MIN_UPTIME);
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_RESET)));
    assertThat(info()).as("a new one").hasSize(3);
  }

  @Test
  void givingUpIsToldOnce() {
    FakeConnection connection = rig.register(rig.prepared("a"));
    connection.endsWith(CloseReason.of(Kind.TLS_FAILED)).answer(Step.CONNECT, Answer.ENDS);
    rig.front();
    connection.retryNow();
    rig.run();
    connection.retryNow();
    rig.run();
    assertThat(info())
        .containsExactly("WARN a: gave up until the next foreground or retryNow(): TLS_FAILED");
    rig.back();
    connection.answer(Step.CONNECT, Answer.AT_ONCE);
    rig.front();
    assertThat(info()).as("the background ended that").hasSize(1);
  }

  @Test
  void eachStepIsThereForWhoWantsIt() throws UnknownHostException {
    FakeConnection connection = rig.registerSlow("chat");
    rig.front();
    InetAddress address = InetAddress.getByAddress("chat.example.com", new byte[] {10, 0, 0, 7});
    rig.onLoop(() -> connection.wire().generation.trying(new InetSocketAddress(address, 443)));
    rig.onLoop(() -> connection.wire().end(REFUSED));
    LongRunningTask task = rig.task("upload", connection);
    task.close();
    rig.run();
    assertThat(connections.lines(Level.DEBUG))
        .contains(
            "DEBUG chat: SUSPENDED -> CONNECTING, generation 1",
            "DEBUG chat: CONNECTING -> WAITING, generation 1, chat.example.com/10.0.0.7:443:"
                + " CONNECT_FAILED (Connection refused); next attempt in 500.0 ms, failures"
                + " counted: 1");
    assertThat(registry.lines(Level.DEBUG))
        .contains("DEBUG task upload has started", "DEBUG task upload CLOSED");
  }

  @Test
  void anObserverThatThrowsChangesNothing() {
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Observer.Step step) {
            throw new AssertionError("on purpose");
          }

          @Override
          public void onSuspending() {
            throw new AssertionError("on purpose");
          }
        });
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.back();
    assertThat(connection.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(rig.lastSuspend().connections()).hasSize(1);
    assertThat(connections.lines(Level.DEBUG)).hasSize(5);
  }
}
