package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every transport does the same, whatever is below it. */
abstract class TransportContractTest {
  /** How the other side of the next stream behaves. */
  enum Behaviour {
    ECHOES,
    READS_NOTHING,
    ENDS_ITS_SIDE_AFTER_WORDS,
    RESETS_AFTER_A_BYTE
  }

  /** What a peer says that speaks first. */
  static final String WORDS = "words";

  private Transport transport;
  private Loop.Registration registration;
  private int readyFor;

  /** Returns the loop and the network below it; the same in each call. */
  abstract LoopFrame frame();

  /** Starts a server. */
  abstract InetSocketAddress serve(Behaviour behaviour) throws IOException;

  /** Returns where nobody listens. */
  abstract InetSocketAddress refused() throws IOException;

  @AfterEach
  void closeTransportAndEnd() throws Exception {
    onLoop(
        () -> {
          if (transport != null) {
            transport.close();
          }
        });
    frame().end();
  }

  private void onLoop(LoopFrame.Action action) {
    frame().onLoop(action);
  }

  private void until(String what, BooleanSupplier condition) {
    frame().until(what, condition);
  }

  private void open() {
    onLoop(() -> transport = frame().network().openStream(TransportOptions.standard()));
  }

  private void dial(InetSocketAddress to) {
    open();
    onLoop(
        () -> {
          if (!transport.connect(to)) {
            registration = transport.watch(frame().loop(), SelectionKey.OP_CONNECT, this::ready);
          } else {
            readyFor |= SelectionKey.OP_CONNECT;
          }
        });
    until("connect to be decided", () -> (readyFor & SelectionKey.OP_CONNECT) != 0);
  }

  final void connect(Behaviour behaviour) throws IOException {
    dial(serve(behaviour));
    onLoop(
        () -> {
          assertThat(transport.finishConnect()).isTrue();
          readyFor = 0;
          registration = transport.watch(frame().loop(), 0, this::ready);
        });
    afterConnect(behaviour);
  }

  /** What this transport has to do before it is quiet. */
  void afterConnect(Behaviour behaviour) {}

  /** Waits until something can be read which is nothing for who reads. */
  final void readNothing() {
    untilReady(SelectionKey.OP_READ);
    onLoop(() -> assertThat(transport.read(ByteBuffer.allocate(10))).isZero());
  }

  private void ready(int ops) {
    readyFor |= ops;
    registration.interest(0);
  }

  private void untilReady(int ops) {
    onLoop(
        () -> {
          readyFor = 0;
          registration.interest(ops);
        });
    until("readiness for " + ops, () -> (readyFor & ops) != 0);
  }

  final int write(String text) {
    int[] count = new int[1];
    onLoop(() -> count[0] = transport.write(US_ASCII.encode(text)));
    return count[0];
  }

  /** Reads until there are so many bytes, or the end; returns them, with "$" for the end. */
  final String read(int bytes) {
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      untilReady(SelectionKey.OP_READ);
      onLoop(
          () -> {
            ByteBuffer room = ByteBuffer.allocate(1_000);
            if (transport.read(room) < 0) {
              text.append('$');
            }
            text.append(US_ASCII.decode(room.flip()));
          });
      if (text.indexOf("$") >= 0) {
        break;
      }
    }
    return text.toString();
  }

  @Test
  void whatIsWrittenComesBack() throws IOException {
    connect(Behaviour.ECHOES);
    assertThat(write("hello")).isEqualTo(5);
    assertThat(read(5)).isEqualTo("hello");
  }

  @Test
  void aGatheringWriteKeepsTheOrder() throws IOException {
    connect(Behaviour.ECHOES);
    onLoop(
        () -> {
          ByteBuffer[] parts = {
            US_ASCII.encode("one "), US_ASCII.encode("two "), US_ASCII.encode("three")
          };
          assertThat(transport.write(parts)).isEqualTo(13);
        });
    assertThat(read(13)).isEqualTo("one two three");
  }

  @Test
  void nothingToReadIsZeroAndNoReadiness() throws IOException {
    connect(Behaviour.ECHOES);
    onLoop(() -> assertThat(transport.read(ByteBuffer.allocate(10))).isZero());
    untilReady(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    assertThat(readyFor).isEqualTo(SelectionKey.OP_WRITE);
  }

  @Test
  void aRefusedConnectIsToldByFinishConnect() throws IOException {
    dial(refused());
    onLoop(
        () ->
            assertThatThrownBy(() -> transport.finishConnect())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("refused"));
  }

  @Test
  void aPeerThatReadsNothingPushesBack() throws IOException {
    connect(Behaviour.READS_NOTHING);
    long[] written = new long[1];
    boolean[] full = new boolean[1];
    for (int i = 0; i < 20 && !full[0]; i++) {
      onLoop(
          () -> {
            ByteBuffer much = ByteBuffer.allocate(1 << 20);
            while (much.hasRemaining() && !full[0]) {
              int count = transport.write(much);
              written[0] += count;
              full[0] = count == 0;
            }
          });
    }
    assertThat(full[0]).as("full after %s bytes", written[0]).isTrue();
  }

  @Test
  void afterOurEndThePeersBytesStillCome() throws IOException {
    connect(Behaviour.ECHOES);
    assertThat(write("last")).isEqualTo(4);
    onLoop(() -> assertThat(transport.shutdownOutput()).isTrue());
    assertThat(read(5)).isEqualTo("last$");
    onLoop(
        () ->
            assertThatThrownBy(() -> transport.write(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class));
  }

  @Test
  void afterThePeersEndOursStillGoes() throws IOException {
    connect(Behaviour.ENDS_ITS_SIDE_AFTER_WORDS);
    assertThat(read(WORDS.length() + 1)).isEqualTo(WORDS + "$");
    assertThat(write("still")).isEqualTo(5);
  }

  @Test
  void aResetIsToldToWhoReads() throws IOException {
    connect(Behaviour.RESETS_AFTER_A_BYTE);
    assertThat(write("x")).isEqualTo(1);
    untilReady(SelectionKey.OP_READ);
    onLoop(
        () ->
            assertThatThrownBy(() -> transport.read(ByteBuffer.allocate(10)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reset"));
  }

  @Test
  void aResetIsToldToWhoWritesAndThenThePipeIsBroken() throws IOException {
    connect(Behaviour.RESETS_AFTER_A_BYTE);
    assertThat(write("x")).isEqualTo(1);
    untilReady(SelectionKey.OP_READ);
    onLoop(
        () -> {
          assertThatThrownBy(() -> transport.write(ByteBuffer.allocate(1)))
              .hasMessageContaining("reset");
          assertThatThrownBy(() -> transport.write(ByteBuffer.allocate(1)))
              .hasMessageContaining("Broken pipe");
        });
  }

  @Test
  void whatIsClosedIsNotUsed() throws IOException {
    connect(Behaviour.ECHOES);
    onLoop(
        () -> {
          assertThat(transport.isOpen()).isTrue();
          assertThat(transport.remoteAddress()).isNotNull();
          assertThat(transport.localAddress()).isNotNull();
          transport.close();
          transport.close();
          assertThat(transport.isOpen()).isFalse();
          assertThat(transport.remoteAddress()).isNull();
          assertThat(transport.localAddress()).isNull();
          assertThatThrownBy(() -> transport.read(ByteBuffer.allocate(1)))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> transport.write(ByteBuffer.allocate(1)))
              .isInstanceOf(ClosedChannelException.class);
          registration.interest(SelectionKey.OP_READ); // does nothing
        });
  }

  @Test
  void aLocalAddressThatIsNotOursIsRefused() {
    InetSocketAddress foreign = new InetSocketAddress("203.0.113.9", 0);
    TransportOptions bound =
        new TransportOptions(
            Optional.of(foreign), true, false, OptionalInt.empty(), OptionalInt.empty());
    onLoop(
        () ->
            assertThatThrownBy(() -> frame().network().openStream(bound))
                .isInstanceOf(IOException.class));
  }
}
