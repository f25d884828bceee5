package io.dormouse.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.network.Dialer;
import io.dormouse.network.Endpoint;
import io.dormouse.network.NoRoomException;
import io.dormouse.network.Reach;
import io.dormouse.network.TransportOptions;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** From an endpoint to a connected transport, on virtual time. */
class DialerTest {
  private static final int PORT = 9_000;
  private static final Duration DELAY = Duration.ofMillis(250);

  private final StreamRig rig = new StreamRig();

  private static InetAddress address(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static InetAddress sixth() {
    try {
      byte[] loopback = new byte[16];
      loopback[15] = 1;
      return InetAddress.getByAddress(loopback);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private void dial(Endpoint endpoint) {
    rig.onLoop(() -> rig.stream.dial(StreamRig.CONNECT_TIMEOUT.toNanos(), endpoint));
  }

  /** Dials a host that has these addresses. */
  private void dialHost(InetAddress... addresses) {
    dial(new Endpoint.Known(InetSocketAddress.createUnresolved("host.example", PORT)));
    rig.onLoop(() -> rig.generation.offloaded.remove().done().accept(List.of(addresses)));
  }

  /** Dials what the app's supplier returns. */
  private void dialSupplied(Callable<InetSocketAddress> supplier) {
    dial(new Endpoint.Asked(supplier));
    rig.onLoop(() -> rig.generation.offloaded.remove().run());
  }

  /** The next transports take time to connect. */
  private void connectSlowly() {
    rig.transportSource =
        () -> {
          FakeTransport slow = new FakeTransport();
          slow.connectsAtOnce = false;
          return slow;
        };
  }

  /** The first transport fails like this, and the others connect. */
  private void failFirst(Exception failure) {
    rig.transportSource =
        () -> {
          FakeTransport made = new FakeTransport();
          made.connectFailure = rig.transports.isEmpty() ? failure : null;
          return made;
        };
  }

  @Test
  void aConnectThatTakesTimeIsConnectedWhenItIsDone() {
    connectSlowly();
    dialHost(address(1));
    assertThat(rig.told.events).isEmpty();
    assertThat(rig.stream.openSockets()).isEqualTo(1);
    rig.transports.get(0).connectDone = true;
    rig.run();
    assertThat(rig.told.events).containsExactly("connected");
    assertThat(rig.stream.openSockets()).isEqualTo(1);
  }

  /** What limits an attempt must not reach into what it led to. */
  @Test
  void theLimitOfAnAttemptEndsWithIt() {
    connectSlowly();
    dialHost(address(1), address(2));
    assertThat(rig.loop.pendingTimers()).as("the limit, and the next attempt").isEqualTo(2);
    rig.transports.get(0).connectDone = true;
    rig.run();
    assertThat(rig.loop.pendingTimers()).isZero();
    rig.advance(StreamRig.CONNECT_TIMEOUT.multipliedBy(2));
    assertThat(rig.transports).hasSize(1);
    assertThat(rig.transports.get(0).closed).isFalse();
    assertThat(rig.told.events).containsExactly("connected");
  }

  @Test
  void theLimitOfARefusedAttemptEndsWithIt() {
    connectSlowly();
    dialHost(address(1), address(2), address(3));
    FakeTransport refused = rig.transports.get(0);
    refused.connectFailure = new ConnectException("Connection refused");
    refused.connectDone = true;
    rig.run();
    assertThat(refused.closed).isTrue();
    assertThat(rig.transports).hasSize(2);
    assertThat(rig.loop.pendingTimers()).as("the limit, and the third attempt").isEqualTo(2);
  }

  @Test
  void aSystemThatGivesNoSocketIsNotTakenForAServerThatRefuses() {
    rig.transportSource =
        () -> {
          Sneaky.raise(new NoRoomException(new IOException("Too many open files")));
          return new FakeTransport();
        };
    dialHost(address(1));
    assertThat(rig.told.events).containsExactly("failed RESOURCE_EXHAUSTED");
    assertThat(rig.told.reason.detail())
        .isEqualTo("connect to 127.0.0.1:9000: Too many open files");
  }

  /** Such as for lack of memory: nobody else knows of that socket. */
  @Test
  void whatIsConnectedAndCouldNotBeTakenOverIsClosedWithTheRest() {
    Dialer dialer =
        new Dialer(
            rig.generation,
            TransportOptions.standard(),
            connected -> {
              throw new OutOfMemoryError("on purpose");
            },
            reason -> rig.told.failed(reason));
    rig.onLoop(
        () ->
            assertThatThrownBy(
                    () -> dialer.dial(StreamRig.CONNECT_TIMEOUT.toNanos(), StreamRig.loopback()))
                .isInstanceOf(OutOfMemoryError.class));
    assertThat(dialer.openSockets()).isEqualTo(1);
    rig.onLoop(dialer::abort);
    assertThat(rig.transports.get(0).closed).isTrue();
    assertThat(dialer.openSockets()).isZero();
    assertThat(rig.told.events).isEmpty();
  }

  @Test
  void stoppingClosesWhatIsConnecting() {
    connectSlowly();
    dialHost(address(1), address(2));
    rig.onLoop(rig.stream::abort);
    assertThat(rig.transports.get(0).closed).isTrue();
    assertThat(rig.stream.openSockets()).isZero();
    assertThat(rig.loop.pendingTimers()).isZero();
    assertThat(rig.told.events).isEmpty();
  }

  @Test
  void theNextAddressIsTriedBesideTheFirst() {
    connectSlowly();
    dialHost(address(1), address(2));
    rig.advance(DELAY.minus(StreamRig.NANO));
    assertThat(rig.transports).hasSize(1);
    rig.advance(StreamRig.NANO);
    assertThat(rig.transports).hasSize(2);
    assertThat(rig.transports.get(0).closed).isFalse();
    assertThat(rig.stream.openSockets()).isEqualTo(2);
    rig.transports.get(1).connectDone = true;
    rig.onLoop(
        () -> {
          rig.transports.get(1).handler.ready(SelectionKey.OP_CONNECT);
          assertThat(rig.transports.get(0).closed).isTrue();
          assertThat(rig.transports.get(0).resetOnClose).as("leaves nothing behind").isTrue();
          assertThat(rig.told.events).as("not in the iteration that closes").isEmpty();
          assertThat(rig.stream.openSockets()).isEqualTo(1);
        });
    assertThat(rig.told.events).containsExactly("connected");
    assertThat(rig.transports.get(1).connectedTo)
        .isEqualTo(new InetSocketAddress(address(2), PORT));
  }

  /** When the sockets of the others are closed, and the stream does not have its own yet. */
  @Test
  void stoppingClosesAWinnerThatIsNotHandedOver() {
    connectSlowly();
    dialHost(address(1), address(2));
    rig.advance(DELAY);
    rig.transports.get(0).connectDone = true;
    rig.onLoop(
        () -> {
          rig.transports.get(0).handler.ready(SelectionKey.OP_CONNECT);
          rig.stream.abort();
        });
    assertThat(rig.transports).allMatch(each -> each.closed);
    assertThat(rig.stream.openSockets()).isZero();
    assertThat(rig.told.events).isEmpty();
  }

  /** They would begin an attempt that nobody gives back. */
  @Test
  void addressesThatComeBeforeTheWinnerIsHandedOverAreNotTried() {
    connectSlowly();
    dial(new Endpoint.Known(InetSocketAddress.createUnresolved("host.example", PORT)));
    Consumer<Object> found = rig.generation.offloaded.remove().done();
    rig.onLoop(() -> found.accept(List.of(address(1), address(2))));
    rig.advance(DELAY);
    rig.transports.get(0).connectDone = true;
    rig.onLoop(
        () -> {
          rig.transports.get(0).handler.ready(SelectionKey.OP_CONNECT);
          found.accept(List.of(address(3)));
        });
    assertThat(rig.transports).hasSize(2);
    assertThat(rig.told.events).containsExactly("connected");
  }

  @Test
  void nothingIsScheduledBehindTheLastAddress() {
    connectSlowly();
    dialHost(address(1));
    assertThat(rig.loop.pendingTimers()).as("the limit").isEqualTo(1);
  }

  @Test
  void theAttemptDelayIsASetting() {
    rig.generation.reach =
        new Reach(Optional.empty(), Duration.ofMillis(10), Optional.empty(), Optional.empty());
    connectSlowly();
    dialHost(address(1), address(2), address(3));
    rig.advance(Duration.ofMillis(10));
    assertThat(rig.transports).hasSize(2);
    rig.advance(Duration.ofMillis(10));
    assertThat(rig.transports).hasSize(3);
  }

  @Test
  void anAddressThatWorkedIsTriedFirstIfItIsStillOne() {
    rig.generation.worked = new InetSocketAddress(address(2), PORT);
    dialHost(address(1), address(2));
    assertThat(rig.transports.get(0).connectedTo).isEqualTo(rig.generation.worked);
  }

  @Test
  void oneThatTheHostHasNoMoreIsNot() {
    rig.generation.worked = new InetSocketAddress(address(2), PORT);
    dialHost(address(1), address(3));
    assertThat(rig.transports.get(0).connectedTo.getAddress()).isEqualTo(address(1));
  }

  @Test
  void whenNoAddressAnswersTheLastOneIsNamed() {
    rig.generation.connectTimeoutNanos = Long.MAX_VALUE; // so that the dialer has to end it
    connectSlowly();
    dialHost(address(1), address(2));
    rig.advance(StreamRig.CONNECT_TIMEOUT.minus(StreamRig.NANO));
    assertThat(rig.told.events).isEmpty();
    rig.advance(StreamRig.NANO);
    assertThat(rig.told.events).containsExactly("failed CONNECT_TIMEOUT");
    assertThat(rig.told.reason.detail()).isEqualTo("no answer from 127.0.0.2:9000");
    assertThat(rig.stream.openSockets()).isZero();
  }

  @Test
  void aSystemThatLacksAFamilyTriesTheNextAddress() {
    failFirst(new UnsupportedAddressTypeException());
    dialHost(sixth(), address(1));
    assertThat(rig.told.events).containsExactly("connected");
    assertThat(rig.transports.get(0).closed).isTrue();
    assertThat(rig.transports.get(1).connectedTo)
        .isEqualTo(new InetSocketAddress(address(1), PORT));
  }

  @Test
  void aSystemThatLacksTheOnlyFamilyCannotConnect() {
    failFirst(new UnsupportedAddressTypeException());
    dialHost(sixth());
    assertThat(rig.told.events).containsExactly("failed CONNECT_FAILED");
    assertThat(rig.told.reason.detail())
        .isEqualTo("connect to 0:0:0:0:0:0:0:1:9000: UnsupportedAddressTypeException");
  }

  @Test
  void aRefusedAddressIsFollowedByTheNext() {
    failFirst(new IOException("Network is unreachable"));
    dialHost(address(1), address(2));
    assertThat(rig.told.events).containsExactly("connected");
  }

  @Test
  void anAddressOfASupplierIsDialed() {
    dialSupplied(() -> new InetSocketAddress(address(1), PORT));
    assertThat(rig.told.events).containsExactly("connected");
  }

  @Test
  void whatASupplierReturnsMustBeAnAddressToConnectTo() {
    assertSupplierFails(() -> null, "null");
    assertSupplierFails(() -> new InetSocketAddress(address(1), 0), "port 0");
    assertSupplierFails(() -> InetSocketAddress.createUnresolved("h.example", 0), "port 0");
    assertSupplierFails(
        () -> InetSocketAddress.createUnresolved("127.0.0.1:9000", PORT), "the host ");
    assertSupplierFails(() -> InetSocketAddress.createUnresolved("", PORT), "the host ");
    assertSupplierFails(
        () -> InetSocketAddress.createUnresolved("user:s3cret@h.example/?s3cret", PORT),
        "the host ");
  }

  private static void assertSupplierFails(Callable<InetSocketAddress> supplier, String words) {
    DialerTest other = new DialerTest();
    other.dialSupplied(supplier);
    assertThat(other.rig.told.events).containsExactly("failed SUPPLIER_FAILED");
    assertThat(other.rig.told.reason.toString())
        .contains("what the supplier of the address returned can't be dialed: " + words)
        .doesNotContain("s3cret");
    assertThat(other.rig.transports).isEmpty();
  }

  @Test
  void aSupplierThatThrowsIsAFailedAttempt() {
    dialSupplied(
        () -> {
          throw new IOException("no network");
        });
    assertThat(rig.told.events).containsExactly("failed SUPPLIER_FAILED");
    assertThat(rig.told.reason.cause()).isPresent();
  }

  @Test
  void whatTakesTooLongBeforeThereIsAnAddressIsSaid() {
    dial(new Endpoint.Known(InetSocketAddress.createUnresolved("host.example", PORT)));
    rig.advance(StreamRig.CONNECT_TIMEOUT);
    assertThat(rig.told.events).containsExactly("failed CONNECT_TIMEOUT");
    assertThat(rig.told.reason.detail()).isEqualTo("the look-up of host.example has not ended");
    rig.onLoop(() -> rig.generation.offloaded.remove().done().accept(List.of(address(1))));
    assertThat(rig.transports).as("it comes too late").isEmpty();
    DialerTest other = new DialerTest();
    other.dial(new Endpoint.Asked(() -> null));
    other.rig.advance(StreamRig.CONNECT_TIMEOUT);
    assertThat(other.rig.told.reason.detail())
        .isEqualTo("the supplier of the address has not answered");
  }

  @Test
  void aNameWithoutAnAddressIsUnresolved() {
    dial(new Endpoint.Known(InetSocketAddress.createUnresolved("host.example", PORT)));
    rig.onLoop(() -> rig.generation.offloaded.remove().failed().accept(new UnknownHostException()));
    assertThat(rig.told.events).containsExactly("failed UNRESOLVED");
  }
}
