package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static io.dormouse.engine.Rig.NANO;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.ManualLoop;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.ResumeReport.Outcome;
import io.dormouse.support.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry comes back in order and not all at once, whatever the app does meanwhile. */
class ResumeOrderTest {
  private final Rig rig = new Rig();
  private final Rig narrow = new Rig(2, () -> 0.5, new ManualLoop());

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
    narrow.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

  private static List<String> attempts(Rig rig) {
    List<String> attempts = new ArrayList<>();
    rig.onAttempt(connection -> attempts.add(connection.name()));
    return attempts;
  }

  /** The app's hooks are never called on the loop. */
  private static void onAnotherThread(Runnable hook) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(hook);
    Await.get(done);
  }

  private static FakeConnection register(Rig rig, String name, int priority) {
    return rig.register(
        rig.prepared(name, priority, RetryPolicy.standard()).answer(Step.CONNECT, Answer.LATER));
  }

  @Test
  void connectionsComeBackByPriorityAndThenByRegistration() {
    List<String> attempts = attempts(rig);
    register(rig, "a", 0);
    register(rig, "b", 5);
    register(rig, "c", -1);
    register(rig, "d", 5);
    register(rig, "e", 0);
    rig.front();
    assertThat(attempts).containsExactly("b", "d", "a", "e", "c");
  }

  @Test
  void notMoreThanSoManyConnectAtOnce() {
    List<String> attempts = attempts(narrow);
    FakeConnection a = register(narrow, "a", 0);
    FakeConnection b = register(narrow, "b", 0);
    FakeConnection c = register(narrow, "c", 0);
    FakeConnection d = register(narrow, "d", 7);
    narrow.front();
    assertThat(attempts).containsExactly("d", "a");
    assertThat(b.state()).isEqualTo(WAITING);
    assertThat(c.state()).isEqualTo(WAITING);
    narrow.onLoop(() -> d.wire().up());
    assertThat(attempts).containsExactly("d", "a", "b");
    narrow.onLoop(() -> a.wire().end(LOST));
    assertThat(attempts).as("a failure frees a place too").containsExactly("d", "a", "b", "c");
    narrow.advance(Duration.ofMillis(500));
    assertThat(attempts).as("the retry waits for a permit").hasSize(4);
    narrow.onLoop(() -> b.wire().up());
    assertThat(attempts).containsExactly("d", "a", "b", "c", "a");
  }

  @Test
  void oneThatIsSlowGivesItsPlaceUpAfterASecond() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      register(narrow, name, 0);
    }
    narrow.front();
    assertThat(attempts).containsExactly("a", "b");
    narrow.advance(Duration.ofSeconds(1).minus(NANO));
    assertThat(attempts).hasSize(2);
    narrow.advance(NANO);
    assertThat(attempts).containsExactly("a", "b", "c", "d");
    narrow.advance(Duration.ofSeconds(1));
    assertThat(attempts).containsExactly("a", "b", "c", "d", "e");
    assertThat(narrow.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(CONNECTING));
  }

  @Test
  void whoIsNotWantedAnyMoreLeavesTheQueue() {
    List<String> attempts = attempts(narrow);
    register(narrow, "a", 0);
    register(narrow, "b", 0);
    FakeConnection paused = register(narrow, "paused", 0);
    FakeConnection closed = register(narrow, "closed", 0);
    FakeConnection last = register(narrow, "last", 0);
    narrow.front();
    paused.pause();
    closed.close();
    narrow.run();
    assertThat(paused.state()).isEqualTo(SUSPENDED);
    assertThat(closed.state()).isEqualTo(ConnectionState.CLOSED);
    narrow.advance(Duration.ofSeconds(1));
    assertThat(attempts).containsExactly("a", "b", "last");
    assertThat(last.state()).isEqualTo(CONNECTING);
    narrow.back();
    narrow.assertIdle();
  }

  @Test
  void aThousandThatFailAtOnceDoNotExhaustTheStack() {
    List<String> attempts = attempts(narrow);
    for (int i = 0; i < 1_000; i++) {
      narrow.register(narrow.prepared("c" + i).answer(Step.CONNECT, Answer.ENDS));
    }
    narrow.front();
    assertThat(attempts).hasSize(1_000);
    narrow.back();
    narrow.assertIdle();
  }

  /** Whoever changes its mind does so on another thread, in the middle of the batch. */
  @Test
  void noAttemptBeginsAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(rig);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          onAnotherThread(rig.app::back);
        });
    for (String name : List.of("a", "b", "c")) {
      register(rig, name, 0);
    }
    CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
    rig.front();
    assertThat(attempts).containsExactly("a");
    assertThat(rig.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(SUSPENDED));
    assertThat(resumed).isCompleted();
    assertThat(rig.value(rig.engine.resumed()).count(Outcome.CALLED_OFF)).isEqualTo(3);
    rig.assertIdle();
  }

  @Test
  void whoWaitsForItsTurnDoesNotBeginAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c")) {
      register(narrow, name, 0);
    }
    narrow.front();
    assertThat(attempts).containsExactly("a", "b");
    narrow.loop.execute(() -> onAnotherThread(narrow.app::back));
    narrow.onLoop(() -> narrow.connections.get(0).wire().up());
    assertThat(attempts).containsExactly("a", "b");
    narrow.assertIdle();
  }

  /** The permit is on its way when the app leaves; the loop hears of that only after it. */
  @Test
  void whoIsAboutToGetAPermitDoesNotBeginAfterTheBackgroundHookHasReturned() {
    List<String> attempts = attempts(narrow);
    for (String name : List.of("a", "b", "c")) {
      register(narrow, name, 0);
    }
    narrow.front();
    narrow.onLoop(
        () -> {
          narrow.connections.get(0).wire().up();
          onAnotherThread(narrow.app::back);
        });
    assertThat(attempts).containsExactly("a", "b");
    narrow.assertIdle();
  }

  @Test
  void aBlinkInTheMiddleOfABatchLosesNobody() {
    List<String> attempts = attempts(rig);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          if (attempts.size() == 1) {
            onAnotherThread(rig.app::back);
          } else if (attempts.size() == 2) {
            throw new AssertionError("not before the app is back");
          }
        });
    for (String name : List.of("a", "b", "c")) {
      register(rig, name, 0);
    }
    rig.app.front();
    rig.loop.run();
    assertThat(attempts).containsExactly("a");
    rig.onAttempt(connection -> attempts.add(connection.name()));
    rig.app.front();
    rig.run();
    assertThat(rig.connections)
        .allSatisfy(connection -> assertThat(connection.state()).isEqualTo(CONNECTING));
  }

  @Test
  void onePausedAndResumedInTheMiddleOfABatchComesBack() {
    List<String> attempts = attempts(rig);
    for (String name : List.of("a", "b")) {
      register(rig, name, 0);
    }
    FakeConnection b = rig.connections.get(1);
    rig.onAttempt(
        connection -> {
          attempts.add(connection.name());
          if (connection != b) {
            b.pause();
            b.resume();
            b.pause();
          }
        });
    rig.app.front();
    rig.run();
    assertThat(b.state()).isEqualTo(SUSPENDED);
    b.resume();
    rig.run();
    assertThat(b.state()).isEqualTo(CONNECTING);
    rig.onLoop(() -> rig.connections.get(0).wire().up());
    assertThat(rig.value(rig.engine.resumed()).find("b").orElseThrow().outcome())
        .isEqualTo(Outcome.CALLED_OFF);
    assertThat(attempts).containsExactly("a", "b");
  }
}
