package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What happens after the peer has ended its side, on virtual time. */
class HalfClosedStreamTest {
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
}
