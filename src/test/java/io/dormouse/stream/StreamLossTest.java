package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A stream whose reading or writing fails, on virtual time. */
class StreamLossTest {
  private static final int BUFFER = 64 * 1024;

  /** What comes from the platform, in a language that nobody here reads. */
  private static final String FOREIGN = "Datenübergabe unterbrochen";

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
