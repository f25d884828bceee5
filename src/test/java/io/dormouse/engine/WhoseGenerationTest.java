package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.PREPARING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.SendFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a callback does belongs to the generation that it is called for. */
class WhoseGenerationTest {
  private static final CloseReason RESET = CloseReason.of(Kind.PEER_RESET);

  private final Rig rig = new Rig();
  private final List<CompletableFuture<Void>> sends = new ArrayList<>();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private FakeConnection open() {
    FakeConnection connection = rig.register("a");
    rig.front();
    return connection;
  }

  /** Delivers something, whose callback runs when the test lets it. */
  private void deliver(FakeConnection connection, Runnable callback) {
    rig.loop.execute(() -> connection.wire().generation.deliver(1, callback));
    rig.loop.run();
  }

  /** Its generation ends, and the next one opens, while callbacks wait. */
  private void nextGeneration(FakeConnection connection) {
    int generations = connection.wires().size();
    rig.loop.execute(() -> connection.wire().end(RESET));
    rig.loop.run();
    connection.retryNow();
    rig.loop.run();
    assertThat(connection.wires()).hasSize(generations + 1);
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  private void assertFailedWith(Kind kind, CompletableFuture<Void> sent) {
    assertThat(rig.failure(sent))
        .isInstanceOfSatisfying(
            SendFailedException.class,
            failure -> {
              assertThat(failure.reason().kind()).isEqualTo(kind);
              assertThat(failure.partlyWritten()).isFalse();
            });
  }

  @Test
  void anAnswerToAnEndedGenerationFailsWithItsEndThoughTheNextIsOpen() {
    FakeConnection connection = open();
    deliver(connection, () -> sends.add(connection.send("answer")));
    nextGeneration(connection);
    rig.run();
    assertFailedWith(Kind.PEER_RESET, sends.get(0));
    assertThat(connection.received).isEmpty();
    assertThat(connection.snapshot().refusedSends()).isEqualTo(1);
  }

  @Test
  void anAnswerToALiveGenerationGoesOut() {
    FakeConnection connection = open();
    nextGeneration(connection);
    deliver(connection, () -> sends.add(connection.send("answer")));
    rig.run();
    assertThat(sends.get(0)).isCompleted();
    assertThat(connection.received).containsExactly("answer");
  }

  @Test
  void anAnswerThatItsGenerationsEndOvertakesOnTheWayToTheLoopFailsToo() {
    FakeConnection connection = open();
    deliver(connection, () -> sends.add(connection.send("answer")));
    rig.loop.execute(() -> connection.wire().end(RESET)); // before the answer, which is still legal
    connection.retryNow();
    rig.callbacks.runAll();
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
    assertFailedWith(Kind.PEER_RESET, sends.get(0));
    assertThat(connection.received).isEmpty();
  }

  @Test
  void aListenerToldOfAnEndedGenerationSendsNothingOnTheNext() {
    FakeConnection connection = open();
    List<Long> told = new ArrayList<>();
    connection.addListener(
        (self, change) -> {
          told.add(change.generation());
          sends.add(connection.send("of generation " + change.generation()));
        });
    nextGeneration(connection);
    rig.run();
    assertThat(told).contains(1L, 2L);
    assertThat(connection.received).allMatch(text -> text.equals("of generation 2")).isNotEmpty();
    assertFailedWith(Kind.PEER_RESET, sends.get(0));
  }

  /** Such as a hop to a pool of the app's own: it is ordinary traffic. */
  @Test
  void aSendOnAnotherThreadBelongsToTheGenerationThatIsOpen() throws Exception {
    FakeConnection connection = open();
    deliver(
        connection,
        () -> {
          Thread hop = new Thread(() -> sends.add(connection.send("from a pool")));
          hop.start();
          join(hop);
        });
    nextGeneration(connection);
    rig.run();
    assertThat(connection.received).containsExactly("from a pool");
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void aSendToAnotherConnectionIsOrdinaryTraffic() {
    FakeConnection connection = open();
    FakeConnection other = rig.register("other");
    deliver(connection, () -> sends.add(other.send("forwarded")));
    nextGeneration(connection);
    rig.run();
    assertThat(other.received).containsExactly("forwarded");
  }

  /**
   * An executor that runs a callback at once may run it inside a callback of another connection.
   */
  @Test
  void aCallbackInsideOneOfAnotherConnectionLeavesThatItsOwnGeneration() {
    FakeConnection connection = open();
    FakeConnection other = rig.register("other");
    List<String> ran = new ArrayList<>();
    deliver(
        connection,
        () -> {
          rig.callbacks.runAll(); // those of the other one
          assertThat(ran).containsExactly("other");
          sends.add(connection.send("answer"));
        });
    deliver(other, () -> ran.add("other"));
    nextGeneration(connection);
    rig.run();
    assertFailedWith(Kind.PEER_RESET, sends.get(0));
  }

  @Test
  void aThreadIsNobodysCallbackAfterACallback() {
    FakeConnection connection = open();
    deliver(connection, () -> {});
    nextGeneration(connection);
    rig.callbacks.runAll();
    CompletableFuture<Void> sent = connection.send("ordinary"); // on the thread that ran callbacks
    assertThat(rig.value(sent)).isNull();
    assertThat(connection.received).containsExactly("ordinary");
  }

  @Test
  void aConnectionThatClosesItselfInACallbackSendsNothingMore() {
    FakeConnection connection = open();
    deliver(
        connection,
        () -> {
          connection.close();
          rig.loop.run();
          sends.add(connection.send("too late"));
        });
    rig.run();
    assertFailedWith(Kind.CLOSED_BY_APP, sends.get(0));
  }

  @Test
  void theOpeningOfAGenerationThatIsOverIsNotCalled() {
    List<Long> opened = new ArrayList<>();
    FakeConnection connection =
        rig.register(
            rig.prepared("a")
                .opening(
                    generation -> {
                      opened.add(generation);
                      return CompletableFuture.completedFuture(null);
                    }));
    rig.app.front();
    rig.loop.run();
    assertThat(connection.state()).isEqualTo(PREPARING);
    rig.app.back();
    rig.loop.run();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    rig.app.front();
    rig.run();
    assertThat(opened).containsExactly(2L);
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void aSecondForegroundDuringTheDrainKeepsTheGenerationOfItsCallbacks() {
    FakeConnection connection =
        rig.register(
            rig.prepared("a").answer(FakeConnection.Step.FLUSH, FakeConnection.Answer.LATER));
    rig.front();
    deliver(connection, () -> sends.add(connection.send("answer")));
    rig.app.back();
    rig.loop.run();
    rig.app.front();
    rig.loop.run();
    rig.run();
    assertThat(connection.wires()).hasSize(1);
    assertThat(connection.received).containsExactly("answer");
  }
}
