package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** How much is read and written at once, and nothing is read while the listener is behind. */
class StreamFairnessTest {
  private static final int BUFFER = 64 * 1024;

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
}
