package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.Loop;
import io.dormouse.support.Await;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the loop calls in a wire: what that throws ends its generation, and nothing else. */
class GuardTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** By which door a wire comes to run on the loop. */
  private enum Door {
    TASK,
    TIMER,
    END_OF_ITERATION,
    HANDLER,
    LOOK_UP,
    LOOK_UP_FAILED,
    SUPPLIER,
    SUPPLIER_FAILED,
    OTHER_WORK;

    void enter(Rig rig, Generation generation, Runnable wire) {
      switch (this) {
        case TASK -> generation.loop().execute(wire);
        case TIMER -> {
          Loop.Timer unused = generation.loop().schedule(5, wire);
        }
        case END_OF_ITERATION -> generation.loop().atIterationEnd(wire);
        case HANDLER -> handle(rig, generation, wire);
        case LOOK_UP -> generation.lookUp("host", () -> 1, done -> wire.run(), failed -> {});
        case LOOK_UP_FAILED -> generation.lookUp("host", Door::fail, done -> {}, e -> wire.run());
        case SUPPLIER -> generation.ask(() -> 1, done -> wire.run(), failed -> {});
        case SUPPLIER_FAILED -> generation.ask(Door::fail, done -> {}, failed -> wire.run());
        case OTHER_WORK -> generation.offload(() -> 1, done -> wire.run(), failed -> {});
      }
    }

    private static int fail() throws IOException {
      throw new IOException("on purpose");
    }

    /** There are no sockets on virtual time, so the handler is played by hand. */
    private static void handle(Rig rig, Generation generation, Runnable wire) {
      HandlerOnly selector = new HandlerOnly();
      try {
        Loop.Registration unused =
            new GuardedLoop(selector, (Session) generation).register(null, 0, ready -> wire.run());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      rig.loop.execute(() -> selector.handler.ready(1));
    }
  }

  @ParameterizedTest
  @EnumSource(Door.class)
  void anErrorEndsTheGenerationThatItBelongsToAndNothingElse(Door door) {
    FakeConnection bad = rig.register("bad");
    FakeConnection good = rig.register("good");
    rig.front();
    OutOfMemoryError thrown = new OutOfMemoryError("Java heap space");
    rig.onLoop(
        () ->
            door.enter(
                rig,
                bad.wire().generation,
                () -> {
                  throw thrown;
                }));
    rig.advance(Duration.ofNanos(5));
    assertThat(bad.state()).isEqualTo(ConnectionState.WAITING);
    assertThat(bad.wire().aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isEqualTo(1);
    CloseReason reason = bad.snapshot().lastReason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(Kind.INTERNAL_ERROR);
    assertThat(reason.cause()).containsSame(thrown);
    assertThat(reason.toString()).doesNotContain("heap space"); // it could be anybody's words
    assertThat(good.log.states()).endsWith(OPEN);
    assertThat(rig.loop.thrown()).isEmpty();
    rig.advance(Duration.ofSeconds(1));
    assertThat(bad.state()).as("and it comes back").isEqualTo(OPEN);
  }

  @ParameterizedTest
  @EnumSource(Door.class)
  void whatAnEndedGenerationsWireThrowsMeansNothingForTheNext(Door door) {
    FakeConnection connection = rig.register("a");
    rig.front();
    Generation old = connection.wire().generation;
    rig.loop.execute(
        () -> {
          door.enter(
              rig,
              old,
              () -> {
                throw new IllegalStateException("too late");
              });
          connection.wire().end(CloseReason.of(Kind.PEER_RESET));
        });
    connection.retryNow();
    rig.run();
    rig.advance(Duration.ofSeconds(1));
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.wires()).hasSize(2);
    assertThat(rig.loop.thrown()).isEmpty();
  }

  @Test
  void theGuardedLoopIsOtherwiseTheLoop() {
    FakeConnection connection = rig.register("a");
    rig.front();
    Loop guarded = connection.wire().generation.loop();
    List<String> ran = new ArrayList<>();
    assertThat(guarded.nanoTime()).isEqualTo(rig.loop.nanoTime());
    assertThat(guarded.inLoop()).isFalse();
    guarded.execute(
        () -> {
          ran.add("in the loop: " + guarded.inLoop());
          Loop.Timer timer = guarded.schedule(7, () -> ran.add("cancelled"));
          Loop.Timer unused = guarded.schedule(7, () -> ran.add("timer"));
          timer.cancel();
          guarded.atIterationEnd(() -> ran.add("end"));
        });
    rig.advance(Duration.ofNanos(7));
    assertThat(ran).containsExactly("in the loop: true", "end", "timer");
  }

  @Test
  void aSendThatThereIsNoMemoryForFailsAtOnceAndEndsItsGeneration() {
    FakeConnection connection = rig.register("a");
    rig.front();
    connection.thrown = new OutOfMemoryError("on purpose");
    connection.answer(Step.SEND, Answer.THROWS);
    CompletableFuture<Void> sent = connection.send("x");
    rig.run();
    assertThat(rig.failure(sent))
        .isInstanceOfSatisfying(
            SendFailedException.class,
            e -> assertThat(e.reason().kind()).isEqualTo(Kind.INTERNAL_ERROR));
    connection.answer(Step.SEND, Answer.AT_ONCE);
    rig.advance(Duration.ofSeconds(1));
    assertThat(rig.value(connection.send("y"))).isNull();
    assertThat(connection.received).containsExactly("y");
  }

  /**
   * Bytes were read, and there is no memory to hand them over: a stream may not go on with a hole.
   */
  @Test
  void aGenerationThatLostBytesBetweenReadingAndDeliveringEnds() {
    FakeConnection connection = rig.register("a");
    rig.front();
    Generation generation = connection.wire().generation;
    rig.onLoop(
        () ->
            generation
                .loop()
                .execute(
                    () -> {
                      boolean goesOn = generation.deliver(1, () -> connection.heard.add("before"));
                      assertThat(goesOn).isTrue();
                      throw new OutOfMemoryError("on purpose");
                    }));
    assertThat(connection.heard).containsExactly("before");
    assertThat(connection.log.states()).endsWith(ConnectionState.WAITING);
  }

  /** Neither a hole in what the app gets, nor one that nobody tells of. */
  @Test
  void aGenerationWhoseAppHadNoMemoryForWhatCameEndsAndNothingIsDeliveredAfterIt() {
    FakeConnection connection = rig.register("a");
    rig.front();
    FakeWire wire = connection.wire();
    List<String> taken = new ArrayList<>();
    List<String> givenBack = new ArrayList<>();
    rig.loop.execute(
        () -> {
          boolean first = wire.generation.deliver(1, () -> taken.add("first"));
          boolean second =
              wire.generation.deliver(
                  1,
                  () -> {
                    throw new OutOfMemoryError("on purpose");
                  });
          boolean third =
              wire.generation.deliver(
                  1, () -> taken.add("third"), () -> givenBack.add("what the third uses"));
          assertThat(first && second && third).isTrue();
        });
    rig.run();
    assertThat(taken).containsExactly("first");
    assertThat(givenBack).containsExactly("what the third uses");
    assertThat(connection.snapshot().lastReason().orElseThrow().kind())
        .isEqualTo(Kind.INTERNAL_ERROR);
    assertThat(wire.aborts).isEqualTo(1);
  }

  /** Nothing comes after it that would find that something is missing. */
  @Test
  void aGenerationWhoseAppHadNoMemoryEndsThoughThereIsNoMemoryToSaySoForAWhile() {
    FakeConnection connection = rig.register("a");
    rig.front();
    FakeWire wire = connection.wire();
    rig.loop.execute(
        () -> {
          boolean goesOn =
              wire.generation.deliver(
                  1,
                  () -> {
                    throw new OutOfMemoryError("on purpose");
                  });
          assertThat(goesOn).isTrue();
        });
    rig.loop.run();
    rig.loop.runOutOfMemory(1);
    rig.run();
    assertThat(wire.aborts).isEqualTo(1);
  }

  @Test
  void aWireThatHasNoMemoryToLetGoIsAskedAgain() {
    FakeConnection connection = rig.register("a");
    rig.front();
    FakeWire wire = connection.wire();
    connection.outOfMemoryAtAbort = 2;
    rig.onLoop(
        () ->
            wire.generation
                .loop()
                .execute(
                    () -> {
                      throw new OutOfMemoryError("on purpose");
                    }));
    assertThat(wire.aborts).isEqualTo(1);
    assertThat(connection.state()).isEqualTo(ConnectionState.WAITING);
  }

  @Test
  void aStepThatThereIsNoMemoryForIsDoneAgain() {
    FakeConnection connection = rig.prepared("a");
    connection.outOfMemoryAtOpening = 3;
    rig.register(connection);
    FakeConnection other = rig.register("other");
    rig.front();
    assertThat(other.state()).isEqualTo(OPEN);
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.outOfMemoryAtOpening).isZero();
    assertThat(connection.log.states())
        .containsExactly(SUSPENDED, ConnectionState.CONNECTING, ConnectionState.PREPARING, OPEN);
    rig.back();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
  }

  /** What tells that it is over does so once, so what there is no memory for can't wait for it. */
  @Test
  void aGenerationWhoseEndFindsNoMemoryIsNotLeftHalfEnded() {
    FakeConnection connection = rig.prepared("a").answer(Step.SEND, Answer.LATER);
    rig.register(connection);
    rig.front();
    CompletableFuture<Void> sent = connection.send("x");
    rig.run();
    rig.onLoop(
        () -> {
          rig.loop.runOutOfMemory(1); // for the outcome of what is not sent
          connection.wire().end(CloseReason.of(Kind.PEER_RESET));
        });
    assertThat(connection.state()).isEqualTo(ConnectionState.WAITING);
    assertThat(rig.failure(sent)).isInstanceOf(SendFailedException.class);
  }

  @Test
  void nothingIsTriedAgainForEver() {
    FakeConnection connection = rig.prepared("a");
    connection.outOfMemoryAtOpening = Integer.MAX_VALUE;
    connection.onOutOfMemory = () -> rig.loop.stall(Duration.ofSeconds(1));
    rig.register(connection);
    rig.front();
    assertThat(rig.loop.pendingTasks()).isZero();
    assertThat(Integer.MAX_VALUE - connection.outOfMemoryAtOpening).isBetween(5, 20);
    rig.advance(Rig.PREPARE_TIMEOUT);
    assertThat(Rig.reasons(connection)).contains("PREPARE_FAILED");
    connection.outOfMemoryAtOpening = 0;
    rig.advance(Duration.ofMinutes(1));
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void anEndedGenerationHoldsNoWire() {
    FakeConnection connection = rig.register("a");
    rig.front();
    assertThat(connection.currentWire()).isSameAs(connection.wire());
    rig.back();
    assertThat(connection.currentWire()).isNull();
    assertThat(connection.link().holdsWire()).isFalse();
    WeakReference<Wire> wire = new WeakReference<>(connection.wire());
    connection.wires().clear();
    Await.until(
        "nothing holds the wire",
        () -> {
          System.gc();
          return wire.get() == null;
        });
  }

  @Test
  void aWireThatHasNotLetGoIsKeptUntilItHas() {
    FakeConnection connection = rig.register("a");
    connection.leaks = true;
    rig.front();
    rig.back();
    assertThat(rig.offenders()).containsExactly("a (SUSPENDED)");
    connection.leaks = false;
    assertThat(rig.offenders()).isEmpty();
    assertThat(connection.link().holdsWire()).isFalse();
  }

  /** A loop that does nothing but to remember a handler. */
  private static final class HandlerOnly implements Loop {
    private Handler handler;

    @Override
    public Registration register(SelectableChannel channel, int ops, Handler toCall) {
      handler = toCall;
      return newOps -> {};
    }

    @Override
    public long nanoTime() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void execute(Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void atIterationEnd(Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Signal signal(Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean inLoop() {
      throw new UnsupportedOperationException();
    }
  }

  /** The connection is in the middle of a step, so that the end comes after both. */
  @Test
  void ofWhatIsThrownOneAfterTheOtherTheFirstIsToldAsTheCause() {
    FakeConnection connection = rig.register("a");
    rig.front();
    Session session = (Session) connection.wire().generation;
    IllegalStateException first = new IllegalStateException("the cause");
    rig.onLoop(
        () ->
            connection
                .link()
                .run(
                    () -> {
                      session.thrown(first);
                      session.thrown(new IllegalStateException("what followed from it"));
                    }));
    assertThat(connection.snapshot().lastReason().orElseThrow().cause()).containsSame(first);
  }
}
