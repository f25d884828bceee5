package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A wire that the test plays, and that complains to its rig when it is not called as {@link Wire}
 * promises. It counts as one open socket from {@link #connect} until its end. All on the loop.
 */
final class FakeWire implements SendingWire<String> {
  private final FakeConnection connection;
  private final Deque<Outgoing<String>> unwritten = new ArrayDeque<>();

  /** Where it tells what happened; tests use it to tell too late. */
  final Generation generation;

  /** The number of its generation. */
  final long number;

  private boolean connectCalled;
  private boolean flushing;
  private boolean softClosing;
  private boolean live;
  private boolean over;
  private boolean releasing;
  int aborts;

  /** When it is cut off, as it was told when its close began. */
  long closeDeadlineNanos;

  int resumedReading;

  FakeWire(FakeConnection connection, Generation generation) {
    this.connection = connection;
    this.generation = generation;
    this.number = connection.snapshot().generation();
  }

  boolean isConnecting() {
    return live && connection.state() == ConnectionState.CONNECTING;
  }

  boolean isLive() {
    return live;
  }

  boolean isFlushing() {
    return flushing && !softClosing;
  }

  boolean isSoftClosing() {
    return softClosing;
  }

  int unwritten() {
    return unwritten.size();
  }

  // ------------------------------------------------------------------------- what the engine does

  private Answer asked(Step step) {
    connection.rig().checkInLoop();
    check(!over, step + " after its end");
    check(step == Step.CONNECT || connectCalled, step + " before connect");
    connection.throwIfTold(step);
    return connection.answerTo(step);
  }

  private void check(boolean right, String problem) {
    if (!right) {
      connection.rig().complain(connection.name() + ": " + problem);
    }
  }

  private void answer(Answer answer, Runnable atOnce) {
    if (answer == Answer.AT_ONCE) {
      atOnce.run();
    } else if (answer == Answer.ENDS) {
      end(connection.endReason);
    }
  }

  @Override
  public void connect() {
    check(!connectCalled, "connected twice");
    check(connection.liveWires() == 0, "a second live wire");
    connection.rig().onAttempt(connection);
    connectCalled = true;
    live = true;
    answer(asked(Step.CONNECT), this::up);
  }

  @Override
  public void send(Outgoing<String> message) {
    Answer answer = asked(Step.SEND);
    check(!flushing && !softClosing, "a send after the gate");
    unwritten.add(message);
    answer(answer, this::writeAll);
  }

  @Override
  public void flush() {
    Answer answer = asked(Step.FLUSH);
    check(!flushing && !softClosing, "flushed twice");
    flushing = true;
    answer(answer, this::flushed);
  }

  @Override
  public void unflush() {
    Answer answer = asked(Step.UNFLUSH);
    check(flushing && !softClosing, "unflushed without a flush");
    flushing = false;
    answer(answer, () -> {});
  }

  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    Answer answer = asked(Step.SOFT_CLOSE);
    closeDeadlineNanos = deadlineNanos;
    check(!softClosing, "closed gracefully twice");
    softClosing = true;
    answer(answer, this::finishGracefulClose);
  }

  @Override
  public void abort() {
    connection.abortOutOfMemory();
    aborts++;
    releasing = live && connection.releasesLater;
    live = false;
    unwritten.clear();
    boolean wasOver = over;
    over = true;
    check(!wasOver, "aborted after its end");
    connection.throwIfTold(Step.ABORT);
  }

  @Override
  public void resumeReading() {
    resumedReading++;
    answer(asked(Step.RESUME_READING), () -> {});
  }

  @Override
  public int openSockets() {
    connection.throwIfTold(Step.COUNT_SOCKETS);
    return live || releasing || connection.leaks ? 1 : 0;
  }

  @Override
  public boolean releasesLater() {
    return releasing;
  }

  // --------------------------------------------------------------------------- what the test plays

  void up() {
    generation.connected();
  }

  void writeOne() {
    Outgoing<String> message = unwritten.poll();
    if (message != null) {
      String text = message.payload();
      int of = text.indexOf('@'); // the generation of the callback that sent it
      check(
          of < 0 || text.substring(of + 1).equals(String.valueOf(number)),
          "generation " + number + " got " + text);
      connection.received.add(text);
      message.written();
    }
  }

  void writeAll() {
    while (!unwritten.isEmpty()) {
      writeOne();
    }
  }

  /** Some bytes of the first message have gone out. */
  void writePartly() {
    unwritten.element().partlyWritten();
  }

  void refuseOne(CloseReason reason) {
    unwritten.remove().failed(reason);
  }

  /** Writes what there is, and says so. */
  void flushed() {
    writeAll();
    generation.flushed();
  }

  void finishGracefulClose() {
    live = false;
    over = true;
    generation.closed();
  }

  void released() {
    releasing = false;
    generation.released();
  }

  void end(CloseReason reason) {
    live = false;
    over = true;
    generation.ended(reason);
  }

  /** Returns whether the wire may go on reading. */
  boolean receive(String text) {
    return generation.deliver(text.length(), () -> connection.heard.add(text));
  }
}
