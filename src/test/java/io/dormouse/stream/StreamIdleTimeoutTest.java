package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When silence ends a stream, and whose silence counts, on virtual time. */
class StreamIdleTimeoutTest {
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int BUFFER = 64 * 1024;

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
}
