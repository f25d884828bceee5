package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A stream in use and to its end, on virtual time. */
class StreamTest {
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int BUFFER = 64 * 1024;

  /** What comes from the platform, in a language that nobody here reads. */
  private static final String FOREIGN = "Datenübergabe unterbrochen";

  private static CloseReason protocolError() {
    return CloseReason.ofCode(CloseReason.Kind.PROTOCOL_ERROR, 1002, "");
  }

  // ------------------------------------------------------------------------------------ fairness

  @Test
  void aFloodIsReadAFewBuffersAtATime() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.send(ByteBuffer.allocate(100 * BUFFER));
    for (int turn = 1; turn <= 3; turn++) {
      rig.poll();
      rig.loop.run();
      assertThat(rig.told.receivedBytes).isEqualTo(turn * 8L * BUFFER);
    }
    rig.run();
    assertThat(rig.told.receivedBytes).isEqualTo(100L * BUFFER);
  }

  @Test
  void aFloodIsDroppedAFewBuffersAtATimeWhileClosing() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.onLoop(rig.stream::finish);
    transport.send(ByteBuffer.allocate(100 * BUFFER));
    rig.poll();
    rig.loop.run();
    assertThat(transport.reads).isEqualTo(8);
  }

  @Test
  void aLongMessageIsWrittenAMebibyteAtATime() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.loop.execute(() -> rig.stream.write(ByteBuffer.allocate(5 << 20)));
    rig.loop.run();
    assertThat(transport.written.size()).isEqualTo(1 << 20);
    rig.run();
    assertThat(transport.written.size()).isEqualTo(5 << 20);
  }

  // --------------------------------------------------------------------------------- back-pressure

  @Test
  void nothingIsReadWhileTheListenerIsBehind() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(3 * BUFFER));
    rig.run();
    assertThat(rig.told.receivedBytes).isEqualTo(BUFFER);
    assertThat(rig.stream.isReadingStopped()).isTrue();
    rig.told.takesMore = true;
    rig.onLoop(rig.stream::resumeReading);
    assertThat(rig.told.receivedBytes).isEqualTo(3L * BUFFER);
    assertThat(rig.stream.isReadingStopped()).isFalse();
  }

  // ---------------------------------------------------------------------------------- idle timeout

  @Test
  void silenceEndsTheStreamAtItsIdleTimeout() {
    StreamRig rig = new StreamRig(StreamRig.idleTimeout(IDLE));
    FakeTransport transport = rig.connect();
    rig.advance(IDLE.minus(StreamRig.NANO));
    transport.send(StreamRig.bytes("here"));
    rig.run();
    rig.advance(IDLE.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("failed IDLE_TIMEOUT");
    assertThat(transport.closed).isTrue();
    assertThat(rig.loop.pendingTimers()).isZero();
  }

  @Test
  void theSilenceOfAPeerThatWeDoNotReadFromIsOurs() {
    StreamRig rig = new StreamRig(StreamRig.idleTimeout(IDLE));
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(2 * BUFFER));
    rig.run();
    rig.advance(IDLE.multipliedBy(10));
    assertThat(rig.told.events).isEmpty();
    rig.told.takesMore = true;
    rig.onLoop(rig.stream::resumeReading);
    rig.advance(IDLE.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("failed IDLE_TIMEOUT");
  }

  @Test
  void aListenerMayHaveLittleReadAtOnceAndThenOnceInATurn() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.onLoop(() -> rig.stream.readAtOnce(100));
    transport.send(ByteBuffer.allocate(250));
    assertThat(rig.poll()).isTrue();
    rig.loop.run();
    assertThat(rig.told.receivedBytes).isEqualTo(100);
    rig.run();
    assertThat(rig.told.receivedBytes).isEqualTo(250);
    assertThat(transport.reads).isEqualTo(3);
  }

  /** The silence before counts for nothing, also if there is nothing more to read. */
  @Test
  void theIdleTimeoutBeginsAnewWhenTheReadingGoesOn() {
    StreamRig rig = new StreamRig(StreamRig.idleTimeout(IDLE));
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(100));
    rig.run();
    rig.advance(IDLE.multipliedBy(5).dividedBy(2));
    rig.onLoop(rig.stream::resumeReading);
    rig.advance(IDLE.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("failed IDLE_TIMEOUT");
  }

  /** The peer has said that it is silent from now on; what it owes us is to take the answer. */
  @Test
  void theIdleTimeoutOfAHalfClosedStreamIsForTheAnswer() {
    StreamRig rig = new StreamRig(StreamRig.idleTimeout(IDLE));
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    transport.inputEnds = true;
    rig.run();
    rig.advance(IDLE.multipliedBy(3)); // the app takes its time
    transport.room = 2;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("answer")));
    rig.onLoop(rig.stream::answered);
    rig.advance(IDLE.minus(StreamRig.NANO));
    transport.room = 2;
    rig.run();
    rig.advance(IDLE.minus(StreamRig.NANO));
    assertThat(rig.told.events).containsExactly("input ended");
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("input ended", "failed IDLE_TIMEOUT");
  }

  // ----------------------------------------------------------------------------------- half-closed

  @Test
  void whoAnswersNothingAfterThePeersEndIsAtItsEnd() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.send(StreamRig.bytes("bye"));
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.received).hasToString("bye");
    assertThat(rig.told.events).containsExactly("input ended", "failed PEER_CLOSED");
    assertThat(transport.closed).isTrue();
  }

  @Test
  void whatIsAnsweredAfterThePeersEndIsWrittenBeforeOurs() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    transport.send(StreamRig.bytes("request"));
    transport.inputEnds = true;
    transport.room = 3;
    rig.run();
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("answer")));
    rig.onLoop(rig.stream::answered);
    assertThat(rig.told.events).containsExactly("input ended");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes(", more")));
    transport.room = Long.MAX_VALUE;
    rig.run();
    assertThat(transport.written).hasToString("answer, more");
    assertThat(rig.told.events).containsExactly("input ended", "failed PEER_CLOSED");
    assertThat(transport.closed).isTrue();
    assertThat(transport.resetOnClose).isFalse();
  }

  @Test
  void aHalfClosedPeerIsReadNoMore() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    transport.inputEnds = true;
    rig.run();
    assertThat(transport.reads).isEqualTo(1);
    assertThat(transport.interest).isZero();
  }

  @Test
  void aFlushOfAHalfClosedStreamEndsInOurFin() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    transport.inputEnds = true;
    rig.run();
    rig.onLoop(rig.stream::flush);
    rig.onLoop(rig.stream::finish);
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.events).containsExactly("input ended", "flushed", "finished");
  }

  @Test
  void theAppComingBackToAnAnsweredPeerEndsTheStream() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    rig.onLoop(rig.stream::flush);
    transport.inputEnds = true;
    rig.run();
    rig.onLoop(rig.stream::answered);
    assertThat(rig.told.events).containsExactly("flushed", "input ended");
    rig.onLoop(rig.stream::unflush);
    assertThat(rig.told.events).containsExactly("flushed", "input ended", "failed PEER_CLOSED");
  }

  @Test
  void theAppComingBackToAPeerThatIsAnsweredLaterGoesOn() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    rig.onLoop(rig.stream::flush);
    transport.inputEnds = true;
    rig.run();
    rig.onLoop(rig.stream::unflush);
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("answer")));
    assertThat(transport.written).hasToString("answer");
    assertThat(rig.told.events).containsExactly("flushed", "input ended");
    rig.onLoop(rig.stream::answered);
    assertThat(rig.told.events).containsExactly("flushed", "input ended", "failed PEER_CLOSED");
  }

  @Test
  void whoAnswersNothingIsFlushedAfterThePeersEndAndEndsIfTheAppComesBack() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 2;
    rig.send("last words");
    rig.onLoop(rig.stream::flush);
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.events).containsExactly("input ended");
    transport.room = Long.MAX_VALUE;
    rig.run();
    assertThat(transport.written).hasToString("last words");
    assertThat(rig.told.events).containsExactly("input ended", "flushed");
    rig.onLoop(rig.stream::unflush);
    assertThat(rig.told.events).containsExactly("input ended", "flushed", "failed PEER_CLOSED");
  }

  @Test
  void aFlushWaitsForNothingThatBelongsToNoSend() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 0;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("pong, ")));
    rig.onLoop(rig.stream::flush);
    assertThat(rig.told.events).containsExactly("flushed");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("close")));
    rig.onLoop(rig.stream::finish);
    transport.room = Long.MAX_VALUE;
    rig.run();
    assertThat(transport.written).hasToString("pong, close");
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.events).containsExactly("flushed");
  }

  @Test
  void aFlushWaitsForTheLastSendAndWhatIsBeforeIt() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 0;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("pong, ")));
    rig.send("send, ");
    rig.onLoop(rig.stream::flush);
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("pong")));
    transport.room = "pong, send".length();
    rig.run();
    assertThat(rig.told.events).isEmpty();
    transport.room = ", ".length();
    rig.run();
    assertThat(rig.told.events).containsExactly("flushed");
    assertThat(transport.written).hasToString("pong, send, ");
  }

  // -------------------------------------------------------------------------------------- closing

  @Test
  void whileClosingInputIsReadAndDroppedThoughTheReadingHadStopped() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(20 * BUFFER));
    transport.inputEnds = true;
    rig.run();
    rig.onLoop(rig.stream::flush);
    rig.onLoop(rig.stream::finish);
    assertThat(rig.told.receivedBytes).isEqualTo(BUFFER);
    assertThat(rig.told.events).containsExactly("flushed", "finished");
    assertThat(transport.resetOnClose).isFalse();
  }

  @Test
  void ourFinFollowsWhatIsQueuedAndThePeersIsWaitedFor() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 4;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("last words")));
    rig.onLoop(rig.stream::finish);
    assertThat(transport.outputShut).isFalse();
    transport.room = Long.MAX_VALUE;
    rig.run();
    assertThat(transport.written).hasToString("last words");
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.events).isEmpty();
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.events).containsExactly("finished");
    assertThat(transport.closed).isTrue();
  }

  @Test
  void thePeersFinBeforeOursIsNotTheEndOfWhatIsQueued() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 4;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("last words")));
    rig.onLoop(rig.stream::finish);
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.events).isEmpty();
    transport.room = Long.MAX_VALUE;
    rig.run();
    assertThat(transport.written).hasToString("last words");
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.events).containsExactly("finished");
  }

  @Test
  void endingTheOutputMayTakeSeveralSteps() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.shutdownSteps = 3;
    transport.inputEnds = false;
    rig.loop.execute(rig.stream::finish);
    rig.loop.run();
    assertThat(transport.outputShut).isFalse();
    transport.inputEnds = true;
    rig.run();
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.events).containsExactly("finished");
  }

  @Test
  void lingerLimitsTheWaitForThePeer() {
    Duration linger = Duration.ofSeconds(2);
    StreamRig rig = new StreamRig(StreamRig.linger(linger));
    FakeTransport transport = rig.connect();
    rig.onLoop(rig.stream::finish);
    rig.advance(linger.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("finished");
    assertThat(transport.closed).isTrue();
  }

  @Test
  void lingerZeroResets() {
    StreamRig rig = new StreamRig(StreamRig.linger(Duration.ZERO));
    FakeTransport transport = rig.connect();
    rig.onLoop(rig.stream::finish);
    assertThat(rig.told.events).containsExactly("finished");
    assertThat(transport.resetOnClose).isTrue();
    assertThat(transport.closed).isTrue();
  }

  @Test
  void anAbortResetsAndSaysNothing() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    rig.onLoop(rig.stream::abort);
    assertThat(transport.resetOnClose).isTrue();
    assertThat(transport.closed).isTrue();
    assertThat(rig.told.events).isEmpty();
    assertThat(rig.stream.openSockets()).isZero();
  }

  // --------------------------------------------------------------------------- an ending with
  // words

  @Test
  void theLastWordsGoOutBeforeTheEndIsTold() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 4;
    rig.onLoop(
        () -> {
          rig.stream.write(StreamRig.bytes("last words"));
          rig.stream.writeAndClose(protocolError());
          rig.stream.write(StreamRig.bytes(" and what comes too late"));
        });
    assertThat(rig.told.events).isEmpty();
    transport.room = Long.MAX_VALUE;
    transport.send(StreamRig.bytes("not read any more"));
    rig.run();
    assertThat(transport.written).hasToString("last words");
    assertThat(transport.outputShut).isTrue();
    assertThat(rig.told.received).isEmpty();
    assertThat(rig.told.events).isEmpty();
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
    assertThat(transport.resetOnClose).isFalse();
    assertThat(rig.loop.pendingTimers()).isZero();
  }

  /** As a protocol does that meets nonsense in what it receives. */
  @Test
  void whoEndsWhileItReceivesAndTakesNoMoreStillSeesThePeersEnd() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    rig.told.onReceived = () -> rig.stream.writeAndClose(protocolError());
    transport.send(ByteBuffer.allocate(3 * BUFFER));
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.receivedBytes).isEqualTo(BUFFER);
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
  }

  @Test
  void aPeerThatDoesNotEndItsSideIsWaitedForUntilTheCloseTimeout() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.onLoop(() -> rig.stream.writeAndClose(protocolError()));
    rig.advance(FakeGeneration.CLOSE_TIMEOUT.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
    assertThat(transport.closed).isTrue();
    assertThat(transport.resetOnClose).as("all is written, and may still arrive").isFalse();
  }

  @Test
  void aPeerThatDoesNotTakeTheLastWordsIsResetAtTheCloseTimeout() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.room = 4;
    rig.onLoop(
        () -> {
          rig.stream.write(StreamRig.bytes("last words"));
          rig.stream.writeAndClose(protocolError());
        });
    rig.advance(FakeGeneration.CLOSE_TIMEOUT);
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
    assertThat(transport.resetOnClose).as("the peer must not take this for all").isTrue();
  }

  @Test
  void anEndingThatFailsStillTellsWhatItWasFor() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.writeFailure = new IOException("Broken pipe");
    rig.onLoop(
        () -> {
          rig.stream.write(StreamRig.bytes("last words"));
          rig.stream.writeAndClose(protocolError());
        });
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
    StreamRig other = new StreamRig();
    transport = other.connect();
    other.onLoop(() -> other.stream.writeAndClose(protocolError()));
    transport.breakInput(new SocketException("Connection reset"));
    other.run();
    assertThat(other.told.events).containsExactly("failed PROTOCOL_ERROR");
  }

  @Test
  void anEndingIsToldOnceWhateverElseIsAsked() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.onLoop(
        () -> {
          rig.stream.writeAndClose(protocolError());
          rig.stream.writeAndClose(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR));
          rig.stream.flush();
          rig.stream.unflush();
          rig.stream.finish();
        });
    transport.inputEnds = true;
    rig.run();
    assertThat(rig.told.events).containsExactly("failed PROTOCOL_ERROR");
  }

  // ----------------------------------------------------------------------------- errors and losses

  /** The guard of the generation, outside the stream, then aborts it: bytes may be lost. */
  @Test
  void anErrorIsLeftToTheGuardAndTheStreamCanStillBeAborted() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    OutOfMemoryError noMemory = new OutOfMemoryError("on purpose");
    rig.told.error = noMemory;
    transport.send(StreamRig.bytes("lost"));
    rig.poll();
    rig.loop.run();
    assertThat(rig.loop.thrown()).containsExactly(noMemory);
    transport.writeError = noMemory;
    rig.loop.execute(() -> rig.stream.write(StreamRig.bytes("not written")));
    rig.loop.run();
    assertThat(rig.loop.thrown()).containsExactly(noMemory, noMemory);
    rig.loop.execute(rig.stream::abort);
    rig.loop.run();
    assertThat(transport.closed).isTrue();
    assertThat(transport.resetOnClose).isTrue();
    assertThat(rig.stream.unwrittenOwnBytes()).as("nothing is kept").isZero();
  }

  @Test
  void whatCameBeforeAWriteFailedIsReadBeforeTheEndIsTold() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.send(ByteBuffer.allocate(20 * BUFFER));
    transport.inputEnds = true;
    transport.writeFailure = new IOException("Broken pipe");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    assertThat(rig.told.receivedBytes).isEqualTo(20L * BUFFER);
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
    assertThat(transport.closed).isTrue();
  }

  @Test
  void whatCameBeforeAWriteFailedWaitsForAListenerThatIsBehind() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(BUFFER + 100));
    rig.run();
    transport.writeFailure = new IOException("Broken pipe");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    assertThat(rig.told.events).isEmpty();
    rig.told.takesMore = true;
    rig.onLoop(rig.stream::resumeReading);
    assertThat(rig.told.receivedBytes).isEqualTo(BUFFER + 100L);
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  @Test
  void whoLeavesDoesNotWaitForAListenerThatIsBehindWhenAWriteHasFailed() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(2 * BUFFER));
    rig.run();
    transport.writeFailure = new IOException("Broken pipe");
    rig.send("x");
    rig.onLoop(rig.stream::flush);
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  /** A broken socket is ready for everything, and a selector would say so without end. */
  @Test
  void nothingIsAskedOfABrokenSocketWhileTheListenerIsBehind() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.send(ByteBuffer.allocate(2 * BUFFER));
    transport.room = 2;
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("last words")));
    transport.writeFailure = new IOException("Broken pipe");
    rig.poll();
    rig.loop.run();
    assertThat(transport.interest).isZero();
    rig.told.takesMore = true;
    rig.onLoop(rig.stream::resumeReading);
    assertThat(rig.told.receivedBytes).isEqualTo(2L * BUFFER);
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  @Test
  void whoLeavesDoesNotWaitForAListenerThatFallsBehindWhenAWriteHasFailed() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.takesMore = false;
    transport.room = 2;
    rig.send("last words");
    rig.onLoop(rig.stream::flush);
    transport.writeFailure = new IOException("Broken pipe");
    rig.poll(); // it is the write that meets the failure, and nothing has come yet
    transport.send(ByteBuffer.allocate(2 * BUFFER));
    rig.run();
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  @Test
  void aWriteThatFailsOnASilentSocketEndsTheStream() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.writeFailure = new IOException("No buffer space available");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    assertThat(rig.told.events).containsExactly("failed NETWORK_LOST");
  }

  /** The JDK's channels throw a SocketException when the peer has reset, and only then. */
  @Test
  void aResetIsKnownByItsClassAndNotByItsWords() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.breakInput(new SocketException(FOREIGN));
    rig.run();
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  @Test
  void anotherFailureToReadIsALoss() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.breakInput(new IOException(FOREIGN));
    rig.run();
    assertThat(rig.told.events).containsExactly("failed NETWORK_LOST");
  }

  @Test
  void whatReadingSaysAfterAWriteFailedTellsAReset() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.writeFailure = new IOException(FOREIGN);
    transport.breakInput(new SocketException(FOREIGN));
    rig.loop.execute(() -> rig.stream.write(StreamRig.bytes("x")));
    rig.loop.run();
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  @Test
  void aPeerThatRefusesOurAnswerAfterItsEndHasReset() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    rig.told.answersAfterTheEnd = true;
    transport.inputEnds = true;
    rig.run();
    transport.writeFailure = new IOException(FOREIGN);
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    assertThat(rig.told.events).containsExactly("input ended", "failed PEER_RESET");
  }

  @Test
  void windowsSaysForciblyClosed() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    transport.writeFailure =
        new IOException("An existing connection was forcibly closed by the remote host");
    rig.onLoop(() -> rig.stream.write(StreamRig.bytes("x")));
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }
}
