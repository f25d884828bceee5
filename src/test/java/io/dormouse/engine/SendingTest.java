package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every accepted send has exactly one outcome. */
class SendingTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** A connection that is open, and writes when the test says so. */
  private FakeConnection open() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.SEND, Answer.LATER));
    rig.front();
    return connection;
  }

  private static SendFailedException sendFailure(Rig rig, CompletableFuture<Void> sent) {
    Throwable failure = rig.failure(sent);
    assertThat(failure).isInstanceOf(SendFailedException.class);
    return (SendFailedException) failure;
  }

  @Test
  void sendsGoOutInOrderAndCompleteWhenWritten() {
    FakeConnection connection = open();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (String text : List.of("a", "b", "c")) {
      sends.add(connection.send(text));
    }
    rig.run();
    assertThat(sends).noneMatch(CompletableFuture::isDone);
    rig.onLoop(() -> connection.wire().writeOne());
    assertThat(sends.stream().map(CompletableFuture::isDone)).containsExactly(true, false, false);
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(sends).allMatch(CompletableFuture::isDone);
    assertThat(connection.received).containsExactly("a", "b", "c");
  }

  @Test
  void anOutcomeIsToldOffTheLoop() {
    FakeConnection connection = open();
    List<Boolean> inLoop = new ArrayList<>();
    CompletableFuture<Void> told =
        connection.send("a").thenRun(() -> inLoop.add(rig.loop.inLoop()));
    rig.run();
    rig.onLoop(() -> connection.wire().writeAll());
    rig.value(told);
    assertThat(inLoop).containsExactly(false);
  }

  @Test
  void aSendIsRefusedInEveryStateButOpen() {
    FakeConnection connection =
        rig.registerSlow("a").opening(generation -> new CompletableFuture<>());
    assertRefused(connection, ConnectionState.SUSPENDED, "comes back with the foreground");
    rig.front();
    assertRefused(connection, ConnectionState.CONNECTING, "whenOpen()");
    rig.onLoop(() -> connection.wire().up());
    assertRefused(connection, ConnectionState.PREPARING, "whenOpen()");
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.NETWORK_LOST)));
    assertRefused(connection, ConnectionState.WAITING, "whenOpen()");
    connection.opening(null).retryNow();
    rig.run();
    rig.onLoop(() -> connection.wire().up());
    rig.back();
    assertRefused(connection, ConnectionState.DRAINING, "comes back with the foreground");
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.PEER_CLOSED)));
    rig.front();
    rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.TLS_FAILED)));
    assertRefused(connection, ConnectionState.FAILED, "retryNow()");
    connection.close();
    rig.run();
    assertRefused(connection, ConnectionState.CLOSED, "register a new connection");
    assertThat(connection.received).isEmpty();
  }

  private void assertRefused(FakeConnection connection, ConnectionState state, String remedy) {
    assertThat(connection.state()).isEqualTo(state);
    CompletableFuture<Void> sent = connection.send("x");
    assertThat(sent).as("at once").isCompletedExceptionally();
    assertThat(rig.failure(sent))
        .isInstanceOf(NotOpenException.class)
        .hasMessageStartingWith("a: not open but " + state)
        .hasMessageContaining(remedy);
  }

  @Test
  void aSendThatTheGateOvertakesOnItsWayToTheLoopIsRefused() {
    FakeConnection connection = open();
    rig.app.back();
    CompletableFuture<Void> sent = connection.send("late"); // still OPEN to whoever looks
    assertThat(sent).isNotDone();
    rig.run();
    assertThat(rig.failure(sent)).isInstanceOf(NotOpenException.class);
    assertThat(connection.received).isEmpty();
  }

  @Test
  void whatWasAcceptedBeforeTheGateIsFlushed() {
    FakeConnection connection = open();
    connection.answer(Step.FLUSH, Answer.LATER);
    CompletableFuture<Void> sent = connection.send("in time");
    rig.app.back();
    rig.run();
    assertThat(connection.state()).isEqualTo(ConnectionState.DRAINING);
    assertThat(connection.wire().isFlushing()).isTrue();
    rig.onLoop(() -> connection.wire().flushed());
    assertThat(sent).isCompleted();
    assertThat(connection.received).containsExactly("in time");
    assertThat(connection.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  @Test
  void whatIsNotWrittenWhenTheGenerationEndsFailsWithItsReason() {
    FakeConnection connection = open();
    CompletableFuture<Void> first = connection.send("first");
    CompletableFuture<Void> second = connection.send("second");
    CompletableFuture<Void> third = connection.send("third");
    rig.run();
    rig.onLoop(
        () -> {
          connection.wire().writeOne();
          connection.wire().writePartly();
          connection.wire().end(CloseReason.of(Kind.PEER_RESET));
        });
    assertThat(first).isCompleted();
    SendFailedException partly = sendFailure(rig, second);
    assertThat(partly.partlyWritten()).isTrue();
    assertThat(partly.reason().kind()).isEqualTo(Kind.PEER_RESET);
    assertThat(partly).hasMessage("a: not sent in full: PEER_RESET");
    assertThat(sendFailure(rig, third).partlyWritten()).isFalse();
    rig.front();
    rig.advance(java.time.Duration.ofSeconds(1));
    assertThat(connection.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(connection.wire().unwritten()).as("nothing is sent again").isZero();
    assertThat(connection.received).containsExactly("first");
  }

  @Test
  void aWireMayRefuseOneAndGoOn() {
    FakeConnection connection = open();
    CompletableFuture<Void> bad = connection.send("too big");
    CompletableFuture<Void> good = connection.send("fine");
    rig.run();
    rig.onLoop(() -> connection.wire().refuseOne(CloseReason.of(Kind.LIMIT_EXCEEDED)));
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(sendFailure(rig, bad).reason().kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(good).isCompleted();
    assertThat(connection.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void anOutcomeIsFinal() {
    FakeConnection connection = open();
    CompletableFuture<Void> sent = connection.send("a");
    List<Outgoing<String>> taken = new ArrayList<>();
    rig.run();
    rig.onLoop(
        () -> {
          Outgoing<String> message =
              new Outgoing<>(connection.sends(), "again", 0); // settles once only
          taken.add(message);
          message.written();
          message.written();
          message.failed(CloseReason.of(Kind.PEER_RESET));
        });
    assertThat(taken.get(0).future()).isCompleted();
    assertThat(sent).isNotDone();
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(sent).isCompleted();
    assertThat(connection.snapshot().bytesOut()).isEqualTo(1);
  }

  /** Other threads see what was sent only when the iteration of the loop is over. */
  @Test
  void aStepKnowsWhatItsIterationHasSent() {
    FakeConnection connection = open();
    CompletableFuture<Void> sent = connection.send("abc");
    rig.run();
    List<Long> out = new ArrayList<>();
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Observer.Step step) {
            out.add(step.bytesOut());
          }
        });
    rig.loop.execute(
        () -> {
          connection.wire().writeAll();
          connection.wire().end(CloseReason.of(Kind.NETWORK_LOST));
        });
    rig.run();
    assertThat(sent).isCompleted();
    assertThat(out.get(0)).isEqualTo(3);
  }

  /** A slow peer can't fill the heap. */
  @Test
  void sendsThatWaitAreBoundedByBytes() {
    FakeConnection connection = open();
    CompletableFuture<Void> half =
        connection.send("x".repeat(Rig.SEND_QUEUE / 2 - Outgoing.OVERHEAD));
    CompletableFuture<Void> rest =
        connection.send("y".repeat(Rig.SEND_QUEUE / 2 - Outgoing.OVERHEAD));
    CompletableFuture<Void> tooMuch = connection.send("z");
    assertThat(rig.failure(tooMuch))
        .isInstanceOf(SendQueueFullException.class)
        .hasMessageStartingWith("a: send of 1 bytes refused, 10000 bytes of at most 10000");
    rig.onLoop(() -> connection.wire().writeOne());
    assertThat(half).isCompleted();
    CompletableFuture<Void> again = connection.send("z");
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(rest).isCompleted();
    assertThat(again).isCompleted();
    assertThat(connection.received).hasSize(3);
  }

  @Test
  void aMessageLargerThanTheBoundGoesWhenNothingElseWaits() {
    FakeConnection connection = open();
    CompletableFuture<Void> large = connection.send("x".repeat(Rig.SEND_QUEUE * 3));
    CompletableFuture<Void> small = connection.send("y");
    assertThat(rig.failure(small)).isInstanceOf(SendQueueFullException.class);
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(large).isCompleted();
  }

  @Test
  void whatFailedOrWasRefusedTakesNoPlaceInTheQueue() {
    FakeConnection connection = open();
    for (int i = 0; i < 5; i++) {
      CompletableFuture<Void> full = connection.send("x".repeat(Rig.SEND_QUEUE));
      rig.run();
      rig.onLoop(() -> connection.wire().end(CloseReason.of(Kind.NETWORK_LOST)));
      sendFailure(rig, full);
      rig.advance(Rig.MIN_UPTIME);
      connection.retryNow();
      rig.app.back();
      rig.run();
      rig.front();
      rig.app.back();
      CompletableFuture<Void> overtaken = connection.send("x".repeat(Rig.SEND_QUEUE));
      rig.run();
      assertThat(rig.failure(overtaken)).isInstanceOf(NotOpenException.class);
      rig.front();
    }
    CompletableFuture<Void> last = connection.send("x".repeat(Rig.SEND_QUEUE));
    rig.run();
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(last).isCompleted();
  }

  @Test
  void theOpeningsSendsGoOutBeforeAllOthers() {
    CompletableFuture<Void> signedIn = new CompletableFuture<>();
    List<CompletableFuture<Void>> openings = new ArrayList<>();
    FakeConnection connection = rig.prepared("a");
    connection.opening(
        generation -> {
          openings.add(connection.sendOpening("sign in", generation));
          openings.add(connection.sendOpening("subscribe", generation));
          return signedIn;
        });
    rig.register(connection);
    rig.front();
    assertRefused(connection, ConnectionState.PREPARING, "whenOpen()");
    openings.add(connection.sendOpening("last of it", 1));
    signedIn.complete(null);
    rig.run();
    rig.value(connection.send("traffic"));
    assertThat(openings).allMatch(CompletableFuture::isDone);
    assertThat(connection.received)
        .containsExactly("sign in", "subscribe", "last of it", "traffic");
  }

  @Test
  void whatAnOldOpeningSendsIsRefused() {
    FakeConnection connection =
        rig.register(rig.prepared("a").opening(generation -> new CompletableFuture<>()));
    rig.front();
    rig.back();
    rig.front();
    assertThat(connection.state()).isEqualTo(ConnectionState.PREPARING);
    CompletableFuture<Void> old = connection.sendOpening("old", 1);
    CompletableFuture<Void> current = connection.sendOpening("current", 2);
    assertThat(rig.failure(old)).isInstanceOf(NotOpenException.class);
    assertThat(current).isCompleted();
    assertThat(connection.received).containsExactly("current");
  }

  @Test
  void aSendFromACallbackGoesOut() {
    FakeConnection connection = rig.prepared("a");
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    connection.addListener(
        (self, change) -> {
          if (change.to() == ConnectionState.OPEN) {
            sends.add(connection.send("hello"));
          }
        });
    rig.register(connection);
    rig.front();
    assertThat(sends).hasSize(1).allMatch(sent -> sent.isDone());
    assertThat(connection.received).containsExactly("hello");
  }

  @Test
  void aSendAfterTheRegistrysEndIsRefused() {
    FakeConnection connection = open();
    rig.engine.close();
    rig.run();
    assertThat(rig.failure(connection.send("x"))).isInstanceOf(NotOpenException.class);
  }
}
