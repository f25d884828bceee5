package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.Outgoing;
import io.dormouse.engine.SettledOutgoing;
import io.dormouse.loop.ManualLoop;
import io.dormouse.support.ManualExecutor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where frames are made, and in what order. */
class EncoderTest {
  private static final int LONG = 100_000;

  private final ManualLoop loop = new ManualLoop();
  private final ManualExecutor elsewhere = new ManualExecutor();
  private final List<Message> sent = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Boolean> compressed = new ArrayList<>();
  private final Encoder encoder = new Encoder(loop, elsewhere, this::encoded);
  private final int heldBefore = Zlib.held();
  private Runnable whenEncoded = () -> {};

  private void encoded(Outgoing<Message> message) {
    sizes.add(message.payload().size());
    compressed.add((message.payload().frame().get(0) & 0x40) != 0);
    whenEncoded.run();
  }

  @AfterEach
  void nothingIsHeld() {
    encoder.stop();
    elsewhere.runAll();
    loop.run();
    assertThat(Zlib.held()).isEqualTo(heldBefore);
  }

  private void deflate() {
    encoder.deflateWith(new Deflation(new DeflateOffer.Agreement(true, true, 15), 100));
    loop.advance(Duration.ofSeconds(1)); // a share of its own for each test
  }

  private void send(int... lengths) {
    for (int length : lengths) {
      Message message = Message.binary(ByteBuffer.allocate(length));
      sent.add(message);
      encoder.encode(SettledOutgoing.of(message, length));
    }
  }

  private void ping() {
    encoder.encode(SettledOutgoing.of(Message.ping(ByteBuffer.allocate(3)), 3));
  }

  @Test
  void shortMessagesAreEncodedAtOnce() {
    deflate();
    send(10, 200, 0);
    ping();

    assertThat(sizes).containsExactly(10, 200, 0, 3);
    assertThat(compressed).containsExactly(false, true, false, false);
    assertThat(elsewhere.size()).isZero();
  }

  @Test
  void aLongOneIsEncodedElsewhereAndTheOthersWaitBehindIt() {
    deflate();
    send(200, LONG, 10, 300);
    ping();
    assertThat(sizes).containsExactly(200);
    assertThat(encoder.isIdle()).isFalse();

    elsewhere.runOne();
    loop.run();
    assertThat(sizes).containsExactly(200, LONG);
    send(11);
    while (elsewhere.runAll()) {
      loop.run();
    }

    assertThat(sizes).containsExactly(200, LONG, 10, 300, 3, 11);
    assertThat(compressed).containsExactly(true, true, false, true, false, false);
    assertThat(encoder.isIdle()).isTrue();
    send(12);
    assertThat(sizes).endsWith(12);
  }

  @Test
  void whatIsNotCompressedIsEncodedElsewhereIfItIsLong() {
    send(200, LONG, 10);
    assertThat(sizes).containsExactly(200);

    while (elsewhere.runAll()) {
      loop.run();
    }

    assertThat(sizes).containsExactly(200, LONG, 10);
    assertThat(compressed).containsOnly(false);
  }

  @Test
  void whatWasPreparedIsWrittenAtOnce() {
    Message prepared = Message.binary(ByteBuffer.allocate(LONG)).prepared();
    encoder.encode(SettledOutgoing.of(prepared, LONG));

    assertThat(sizes).containsExactly(LONG);
  }

  /** All connections of a loop have one share of its time together. */
  @Test
  void manyShortOnesAtOnceAreEncodedElsewhere() {
    deflate();
    for (int i = 0; i < 100; i++) {
      send(1_000);
    }
    assertThat(sizes).hasSize(16);
    Encoder other = new Encoder(loop, elsewhere, this::encoded);
    other.deflateWith(new Deflation(new DeflateOffer.Agreement(true, true, 15), 100));
    other.encode(SettledOutgoing.of(Message.binary(ByteBuffer.allocate(2_000)), 2_000));
    assertThat(sizes).as("no share is left").hasSize(16);

    while (elsewhere.runAll()) {
      loop.run();
    }
    assertThat(sizes).hasSize(101).endsWith(1_000);
    loop.advance(Duration.ofMillis(1));
    send(1_001);
    assertThat(sizes).as("in the next millisecond").endsWith(1_001);
    other.stop();
  }

  @Test
  void aVeryLongOneTakesTurnsWithOthers() {
    deflate();
    send(3 << 20);
    List<Integer> others = new ArrayList<>();
    int turns = 0;
    for (; elsewhere.size() > 0 && turns < 100; turns++) {
      if (turns == 1) {
        elsewhere.execute(() -> others.add(sizes.size()));
      }
      elsewhere.runOne();
      loop.run();
    }

    assertThat(turns).isBetween(6, 20);
    assertThat(others).as("not when all was done").containsExactly(0);
    assertThat(sizes).containsExactly(3 << 20);
  }

  @Test
  void idleIsToldAfterAllThatWaits() {
    deflate();
    List<Integer> before = new ArrayList<>();
    encoder.whenIdle(() -> before.add(sizes.size()));
    send(LONG, 1, LONG, 2);
    encoder.whenIdle(() -> before.add(sizes.size()));
    assertThat(before).as("at once if it is idle").containsExactly(0);

    while (elsewhere.runAll()) {
      loop.run();
    }

    assertThat(before).containsExactly(0, 4);
    send(LONG);
    elsewhere.runAll();
    loop.run();
    assertThat(before).as("once").containsExactly(0, 4);
  }

  /** So that the first is not written long after its frame was made. */
  @Test
  void whatWaitsIsEncodedSomeAtATime() {
    deflate();
    send(LONG);
    for (int i = 0; i < 600; i++) {
      send(10);
    }
    send(LONG, LONG, LONG, LONG);

    List<Integer> done = new ArrayList<>();
    while (elsewhere.runAll()) {
      loop.run();
      done.add(sizes.size());
    }

    assertThat(done).containsExactly(1, 257, 513, 604, 605);
  }

  @Test
  void nothingIsEncodedAfterTheEndAndAllIsFreed() {
    deflate();
    send(LONG, 10);
    List<String> idle = new ArrayList<>();
    encoder.whenIdle(() -> idle.add("idle"));
    encoder.stop();

    elsewhere.runAll();
    loop.run();

    assertThat(sizes).isEmpty();
    assertThat(sent).as("no frame was made").allSatisfy(each -> each.payload().get(0));
    assertThat(idle).isEmpty();
    assertThat(Zlib.held()).isEqualTo(heldBefore);
  }

  @Test
  void theEndWhileFramesAreWrittenIsTheEndOfTheOthers() {
    deflate();
    send(LONG);
    send(300, 10, LONG);
    elsewhere.runOne();
    loop.run();
    elsewhere.runOne();
    whenEncoded = encoder::stop;
    loop.run();

    assertThat(sizes).containsExactly(LONG, 300);
    assertThat(elsewhere.size()).isZero();
    assertThat(loop.thrown()).isEmpty();
  }

  @Test
  void theEndInTheMiddleOfALongOneFreesItWhenItsTurnIsOver() {
    deflate();
    send(3 << 20);
    elsewhere.runOne();
    assertThat(Zlib.held()).isEqualTo(heldBefore + 1);

    encoder.stop();
    assertThat(Zlib.held()).as("nobody uses it at the moment").isEqualTo(heldBefore);
    elsewhere.runAll();
    loop.run();

    assertThat(sizes).isEmpty();
    assertThat(loop.thrown()).isEmpty();
  }

  @Test
  void whatCantBeEncodedIsThrownOnTheLoop() {
    deflate();
    Message broken = Message.binary(ByteBuffer.allocate(LONG));
    ByteBuffer unused = broken.frame(); // so that it has no payload any more
    encoder.encode(SettledOutgoing.of(broken, LONG));
    elsewhere.runAll();

    loop.run();

    assertThat(loop.thrown()).hasSize(1);
  }
}
