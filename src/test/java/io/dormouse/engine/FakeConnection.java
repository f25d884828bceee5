package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.support.StateLog;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A connection whose wires do what the test says. */
final class FakeConnection extends SendingConnection<String> {
  /** What a wire is asked to do. */
  enum Step {
    MAKING,
    CONNECT,
    SEND,
    FLUSH,
    UNFLUSH,
    SOFT_CLOSE,
    ABORT,
    RESUME_READING,
    COUNT_SOCKETS
  }

  /** What it makes of that. */
  enum Answer {
    /** It does so, and says so, before it returns. */
    AT_ONCE,
    /** It waits for the test to play it. */
    LATER,
    /** It says that its socket is gone, before it returns. */
    ENDS,
    /** It throws {@link FakeConnection#thrown}. */
    THROWS
  }

  private final Rig rig;

  private final Map<Step, Answer> answers = new EnumMap<>(Step.class);
  private final List<FakeWire> wires = new ArrayList<>();
  private Function<Long, CompletionStage<?>> opening;

  /** Every step of the connection. */
  final StateLog log = new StateLog();

  /** What the peer has received, over all generations. */
  final List<String> received = new ArrayList<>();

  /** What the app's callbacks got. */
  final List<String> heard = new ArrayList<>();

  /** Whether its wires say that they keep their socket for ever. */
  boolean leaks;

  /** Whether its wires go on closing what they hold after they were aborted. */
  boolean releasesLater;

  /** What a step whose answer is {@link Answer#THROWS} throws; a RuntimeException or an Error. */
  Throwable thrown = new IllegalStateException("thrown on purpose");

  /** So often it was told to look again. */
  int looksAgain;

  /** So often there is no memory when it is told to look again. */
  int outOfMemoryAtLook;

  /** So often there is no memory when its opening is asked for. */
  int outOfMemoryAtOpening;

  Runnable onOutOfMemory = () -> {};
  int outOfMemoryAtAbort;

  FakeConnection(Rig rig, LinkOptions options) {
    super(rig.engine, options);
    this.rig = rig;
    addListener(log);
  }

  /** Why a wire ends where the answer is {@link Answer#ENDS}. */
  CloseReason endReason = CloseReason.of(CloseReason.Kind.CONNECT_FAILED, "on purpose");

  FakeConnection endsWith(CloseReason reason) {
    endReason = reason;
    return this;
  }

  /** From now on, this step goes like this. */
  FakeConnection answer(Step step, Answer answer) {
    answers.put(step, answer);
    return this;
  }

  Answer answerTo(Step step) {
    return answers.getOrDefault(step, Answer.AT_ONCE);
  }

  FakeConnection opening(Function<Long, CompletionStage<?>> opening) {
    this.opening = opening;
    return this;
  }

  Rig rig() {
    return rig;
  }

  /** All wires so far, the oldest first. */
  List<FakeWire> wires() {
    return wires;
  }

  /** The latest wire. */
  FakeWire wire() {
    return wires.get(wires.size() - 1);
  }

  long liveWires() {
    return wires.stream().filter(FakeWire::isLive).count();
  }

  CompletableFuture<Void> send(String text) {
    return submit(text, text.length());
  }

  CompletableFuture<Void> sendOpening(String text, long generation) {
    return submitPreparing(text, text.length(), generation);
  }

  @SuppressWarnings("unchecked") // those of this connection send strings
  Sends<String> sends() {
    return (Sends<String>) traffic();
  }

  boolean wantedNow() {
    return isWanted();
  }

  /** Throws what a step is to throw, if it is. */
  void abortOutOfMemory() {
    if (outOfMemoryAtAbort > 0) {
      outOfMemoryAtAbort--;
      throw new InternalError(new OutOfMemoryError("on purpose")); // as when the JDK links a lambda
    }
  }

  void throwIfTold(Step step) {
    if (answerTo(step) == Answer.THROWS) {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
  }

  @Override
  protected SendingWire<String> newWire(Generation generation) {
    throwIfTold(Step.MAKING);
    FakeWire wire = new FakeWire(this, generation);
    wires.add(wire);
    return wire;
  }

  @Override
  protected void lookAgain() {
    if (outOfMemoryAtLook > 0) {
      outOfMemoryAtLook--;
      throw new OutOfMemoryError("on purpose");
    }
    looksAgain++;
  }

  /** The wire that the engine holds; null if it holds none. */
  Wire currentWire() {
    return liveWire();
  }

  @Override
  protected Function<Long, CompletionStage<?>> preparation() {
    if (outOfMemoryAtOpening > 0) {
      outOfMemoryAtOpening--;
      onOutOfMemory.run();
      OutOfMemoryError thrown = new OutOfMemoryError("on purpose");
      if (outOfMemoryAtOpening % 2 == 0) {
        throw new InternalError(thrown); // as the JDK does when it links a lambda
      }
      throw thrown;
    }
    return opening;
  }
}
