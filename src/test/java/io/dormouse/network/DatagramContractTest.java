package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every datagram socket does the same, whatever is below it. */
abstract class DatagramContractTest {
  private DatagramTransport socket;
  private Loop.Registration registration;
  private int readyFor;

  /** Returns the loop and the network below it; the same in each call. */
  abstract LoopFrame frame();

  /** Starts somebody who sends back what comes. */
  abstract InetSocketAddress serveEcho() throws IOException;

  /** Returns where nobody is, on a machine that says so. */
  abstract InetSocketAddress unreachable() throws IOException;

  @AfterEach
  void closeSocketAndEnd() throws Exception {
    onLoop(
        () -> {
          if (socket != null) {
            socket.close();
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
    onLoop(
        () -> {
          socket = frame().network().openDatagrams(Optional.empty());
          socket.bind(null);
          registration = socket.watch(frame().loop(), 0, this::ready);
        });
  }

  private void openConnected(InetSocketAddress to) {
    open();
    onLoop(() -> socket.connect(to));
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

  private void send(String text, InetSocketAddress to) {
    onLoop(
        () -> assertThat(socket.send(US_ASCII.encode(text), to)).as(text).isEqualTo(text.length()));
  }

  /** Waits for a datagram, and returns it. */
  private String receive(InetSocketAddress from) {
    untilReady(SelectionKey.OP_READ);
    StringBuilder text = new StringBuilder();
    onLoop(
        () -> {
          ByteBuffer room = ByteBuffer.allocate(1_000);
          assertThat(socket.receive(room)).isEqualTo(from);
          text.append(US_ASCII.decode(room.flip()));
        });
    return text.toString();
  }

  @Test
  void aDatagramComesWholeFromWhoSentIt() throws IOException {
    InetSocketAddress peer = serveEcho();
    open();
    send("hello", peer);
    assertThat(receive(peer)).isEqualTo("hello");
    send("", peer);
    assertThat(receive(peer)).isEmpty();
  }

  @Test
  void aConnectedOneSendsAndReceivesWithoutAnAddress() throws IOException {
    InetSocketAddress peer = serveEcho();
    openConnected(peer);
    send("hello", null);
    assertThat(receive(peer)).isEqualTo("hello");
    onLoop(() -> assertThat(socket.remoteAddress()).isEqualTo(peer));
  }

  @Test
  void whereNothingHasComeThereIsNothingToReceive() {
    open();
    onLoop(() -> assertThat(socket.receive(ByteBuffer.allocate(10))).isNull());
  }

  @Test
  void oneThatIsNotConnectedNeedsAnAddress() {
    open();
    onLoop(
        () -> {
          assertThat(socket.remoteAddress()).isNull();
          assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(1), null))
              .isInstanceOf(NotYetConnectedException.class);
        });
  }

  @Test
  void aConnectedOneSendsToNobodyElse() throws IOException {
    openConnected(serveEcho());
    InetSocketAddress other = unreachable();
    onLoop(
        () ->
            assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(1), other))
                .isInstanceOf(AlreadyConnectedException.class));
  }

  @Test
  void thatNobodyIsThereIsToldOnceInThePlaceOfWhatIsAskedNext() throws IOException {
    openConnected(unreachable());
    send("hello", null);
    untilReady(SelectionKey.OP_READ);
    onLoop(
        () -> {
          assertThatThrownBy(() -> socket.receive(ByteBuffer.allocate(10)))
              .isInstanceOf(PortUnreachableException.class);
          assertThat(socket.receive(ByteBuffer.allocate(10))).isNull();
        });
  }

  @Test
  void oneThatIsNotConnectedIsNotToldThatNobodyIsThere() throws IOException {
    InetSocketAddress nobody = unreachable();
    InetSocketAddress peer = serveEcho();
    open();
    send("hello", nobody);
    send("hello", peer);
    assertThat(receive(peer)).isEqualTo("hello");
  }

  @Test
  void whatIsTooLongIsRefusedAndTheNextGoes() throws IOException {
    InetSocketAddress peer = serveEcho();
    open();
    onLoop(
        () ->
            assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(70_000), peer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too long"));
    send("short", peer);
    assertThat(receive(peer)).isEqualTo("short");
  }

  @Test
  void thereIsRoomToSend() {
    open();
    untilReady(SelectionKey.OP_WRITE);
  }

  @Test
  void aPortThatIsTakenIsRefused() {
    open();
    onLoop(
        () -> {
          int port = socket.localAddress().getPort();
          assertThat(port).isPositive();
          try (DatagramTransport second = frame().network().openDatagrams(Optional.empty())) {
            assertThatThrownBy(() -> second.bind(socket.localAddress()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
          }
        });
  }

  @Test
  void whatIsClosedIsNotUsed() throws IOException {
    InetSocketAddress peer = serveEcho();
    open();
    onLoop(
        () -> {
          assertThat(socket.isOpen()).isTrue();
          socket.close();
          socket.close();
          assertThat(socket.isOpen()).isFalse();
          assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(1), peer))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> socket.receive(ByteBuffer.allocate(1)))
              .isInstanceOf(ClosedChannelException.class);
          registration.interest(SelectionKey.OP_READ); // does nothing
        });
  }
}
