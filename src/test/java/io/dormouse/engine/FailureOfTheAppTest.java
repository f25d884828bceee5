package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Logged;
import io.dormouse.support.LoudLog;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the app's own code throws on the way to OPEN is found again: in a log, and as a cause. */
class FailureOfTheAppTest {
  private static final String SECRET = "s3cr3t";

  private final Rig rig = new Rig();
  private final Logged logged = new Logged();

  @AfterEach
  void nothingStaysBehind() {
    logged.close();
    rig.close();
  }

  @Test
  void anOpeningThatThrowsIsLoggedOnceWithoutItsMessage() {
    IllegalStateException thrown = new IllegalStateException(SECRET, new Exception(SECRET));
    FakeConnection connection =
        rig.prepared("chat")
            .opening(
                generation -> {
                  throw thrown;
                });
    failThreeTimes(connection);
    assertThat(connection.snapshot().lastReason().flatMap(CloseReason::cause)).containsSame(thrown);
    assertThat(logged.text()).contains("chat: PREPARE_FAILED", "java.lang.IllegalStateException");
    assertThat(logged.text()).contains(getClass().getName() + "."); // where it was thrown
    assertThat(logged.count("java.lang.IllegalStateException")).isEqualTo(1);
    assertThat(logged.text()).doesNotContain(SECRET);
  }

  @Test
  void theCauseOfAnOpeningThatFailsLaterIsWhatTheAppThrew() {
    IllegalStateException thrown = new IllegalStateException(SECRET);
    FakeConnection connection =
        rig.prepared("chat")
            .opening(
                generation -> {
                  CompletableFuture<Void> failed = new CompletableFuture<>();
                  failed.completeExceptionally(new CompletionException(thrown));
                  return failed;
                });
    failThreeTimes(connection);
    assertThat(connection.snapshot().lastReason().flatMap(CloseReason::cause)).containsSame(thrown);
    assertThat(logged.text()).contains("java.lang.IllegalStateException").doesNotContain(SECRET);
  }

  private void failThreeTimes(FakeConnection connection) {
    rig.register(connection);
    rig.front();
    for (int i = 0; i < 2; i++) {
      connection.retryNow();
      rig.run();
    }
    assertThat(connection.wires()).hasSize(3);
  }

  @Test
  void aSupplierThatThrowsIsLoggedAgainOnlyWhenSomethingElseHasHappened() {
    IllegalStateException thrown = new IllegalStateException(SECRET);
    CloseReason reason = CloseReason.of(Kind.SUPPLIER_FAILED, "the supplier threw", thrown);
    FakeConnection connection = rig.registerSlow("chat");
    rig.front();
    for (CloseReason each :
        new CloseReason[] {reason, reason, Rig.reason(Kind.UNRESOLVED), reason}) {
      rig.onLoop(() -> connection.wire().end(each));
      connection.retryNow();
      rig.run();
      assertThat(connection.state()).isEqualTo(ConnectionState.CONNECTING);
    }
    assertThat(logged.count("java.lang.IllegalStateException")).isEqualTo(2);
    assertThat(logged.text()).contains("chat: SUPPLIER_FAILED").doesNotContain(SECRET);
  }

  /** What comes from the app's code is logged at each of the places where that is called. */
  @Test
  void whatCallbacksListenersPoliciesAndObserversThrowIsLoggedWithoutItsMessage() {
    liveWithAnAppThatThrows();
    assertThat(logged.text())
        .contains("chat: a callback threw", "chat: a listener threw on", "an observer threw")
        .contains("chat: the retry policy failed on")
        .doesNotContain(SECRET);
  }

  @Test
  void aLoggerThatThrowsChangesNothing() {
    try (LoudLog log =
        LoudLog.throwing(
            "io.dormouse.connections", "io.dormouse.callbacks", "io.dormouse.registry")) {
      liveWithAnAppThatThrows();
      FakeConnection bad = rig.register("bad");
      rig.onLoop(() -> bad.wire().generation.loop().execute(FailureOfTheAppTest::raise));
      assertThat(bad.state()).isEqualTo(ConnectionState.WAITING);
      assertThat(bad.wire().aborts).isEqualTo(1);
      rig.onLoop(() -> bad.link().run(FailureOfTheAppTest::raise));
      rig.advance(Duration.ofSeconds(1));
      assertThat(bad.state()).isEqualTo(ConnectionState.OPEN);
      assertThat(log.text()).contains("bad: the wire threw", "bad: a step was not carried out");
    }
  }

  private static void raise() {
    throw new IllegalStateException(SECRET);
  }

  /** Opens a connection, has all that the app brought throw, and ends as it should. */
  private void liveWithAnAppThatThrows() {
    FakeConnection connection =
        rig.prepared(
            "chat",
            0,
            ended -> {
              throw new IllegalStateException(SECRET);
            });
    connection.addListener(
        (self, change) -> {
          throw new IllegalStateException(SECRET);
        });
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Observer.Step step) {
            raise();
          }
        });
    rig.register(connection);
    rig.front();
    rig.onLoop(() -> connection.wire().generation.deliver(1, FailureOfTheAppTest::raise));
    rig.onLoop(() -> connection.wire().generation.deliver(1, () -> connection.heard.add("next")));
    assertThat(connection.heard).containsExactly("next");
    rig.onLoop(() -> connection.wire().end(Rig.reason(Kind.PEER_RESET)));
    assertThat(connection.state()).isEqualTo(ConnectionState.FAILED);
    connection.retryNow();
    rig.run();
    assertThat(connection.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void howManyAttemptsHaveFailedIsKnownWhenItHasGivenUp() {
    FakeConnection connection = rig.registerSlow("chat");
    rig.front();
    rig.onLoop(() -> connection.wire().end(Rig.reason(Kind.CONNECT_FAILED)));
    rig.advance(Duration.ofSeconds(1));
    rig.onLoop(() -> connection.wire().end(Rig.reason(Kind.TLS_FAILED)));
    assertThat(connection.state()).isEqualTo(ConnectionState.FAILED);
    assertThat(connection.snapshot().failures()).isEqualTo(2);
  }

  @Test
  void refusedSendsAreCountedWhereverTheyAreRefused() {
    FakeConnection connection = rig.register("chat");
    CompletableFuture<Void> asleep = connection.send("x");
    rig.front();
    rig.app.back();
    CompletableFuture<Void> overtaken = connection.send("x"); // it is still open to whoever looks
    rig.run();
    rig.front();
    CompletableFuture<Void> fits = connection.send("x".repeat(Rig.SEND_QUEUE));
    CompletableFuture<Void> tooMuch = connection.send("x");
    rig.run();
    assertThat(asleep).isCompletedExceptionally();
    assertThat(overtaken).isCompletedExceptionally();
    assertThat(fits).isCompleted();
    assertThat(tooMuch).isCompletedExceptionally();
    assertThat(connection.snapshot().refusedSends()).isEqualTo(3);
  }

  @Test
  void refusedSendsAreLoggedOncePerSpell() {
    FakeConnection connection = rig.register("chat");
    String refused = "chat: not open but SUSPENDED";
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Void> unused = connection.send(SECRET);
    }
    assertThat(logged.count(refused)).isEqualTo(1);
    rig.front();
    assertThat(rig.value(connection.send(SECRET))).isNull();
    rig.back();
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Void> unused = connection.send(SECRET);
    }
    assertThat(logged.count(refused)).isEqualTo(2);
    assertThat(logged.text()).doesNotContain(SECRET);
  }
}
