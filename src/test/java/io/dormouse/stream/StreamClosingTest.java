package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a stream ends that we end, with and without a reason of its own, on virtual time. */
class StreamClosingTest {
  private static final int BUFFER = 64 * 1024;

  private static CloseReason protocolError() {
    return CloseReason.ofCode(CloseReason.Kind.PROTOCOL_ERROR, 1002, "");
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

  // --------------------------------------------------------------- an ending for a reason of ours

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
}
