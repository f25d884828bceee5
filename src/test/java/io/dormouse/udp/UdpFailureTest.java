package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.StateChange;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong, and what does not end by it. */
class UdpFailureTest extends UdpTestBase {
  private final Inbox inbox = new Inbox();
  private final StateLog log = new StateLog();

  @Test
  void unreachablePortIsReportedAndEndsNothing() throws Exception {
    server.stop();
    LinkedBlockingQueue<IOException> errors = new LinkedBlockingQueue<>();
    UdpConnection udp =
        opened(
            registry
                .udp("patient")
                .connectTo(server::address)
                .onError((connection, error) -> errors.add(error))
                .onDatagram(inbox)
                .register());
    Await.get(udp.send(Texts.bytes("anybody there?")));
    Await.until("the error is reported", () -> !errors.isEmpty());
    assertThat(errors).allMatch(PortUnreachableException.class::isInstance);
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
    server.start();
    Await.get(udp.send(Texts.bytes("now?")));
    assertThat(inbox.nextText()).isEqualTo("now?");
    assertThat(udp.snapshot().generation()).isEqualTo(1);
  }

  /** A write that meets an error was not done, but the error is about an earlier one. */
  @Test
  void errorOfAnEarlierDatagramDoesNotFailALaterOne() {
    server.stop();
    LinkedBlockingQueue<IOException> errors = new LinkedBlockingQueue<>();
    UdpConnection udp =
        opened(
            registry
                .udp("patient")
                .connectTo(server::address)
                .onError((connection, error) -> errors.add(error))
                .register());
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      sent.add(udp.send(Texts.bytes("anybody there?")));
    }
    sent.forEach(Await::get);
    Await.until("an error is reported", () -> !errors.isEmpty());
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void datagramThatIsTooLongIsRefusedAtTheCall() {
    UdpConnection udp = opened(registry.udp("short").onDatagram(inbox).bind(freePort()).register());
    ByteBuffer tooLong = ByteBuffer.allocate(65_508);
    assertThatThrownBy(() -> udp.send(tooLong, server.address()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("short: a datagram has at most 65507 bytes, not 65508");
    Await.get(udp.send(Texts.bytes("ok"), server.address()));
    assertThat(inbox.nextText()).isEqualTo("ok");
  }

  @Test
  void connectedSocketRefusesADatagramThatIsTooLongToo() {
    UdpConnection udp = opened(registry.udp("short").connectTo(server::address).register());
    assertThatThrownBy(() -> udp.send(ByteBuffer.allocate(65_508)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("short: ");
  }

  /** Linux takes 127.255.255.255 for the broadcast address of the loopback network. */
  @Test
  void whatTheSystemRefusesFailsAlone() throws Exception {
    assumeThat(OsSockets.isAvailable()).isTrue();
    UdpConnection udp = opened(registry.udp("shy").onDatagram(inbox).register());
    InetSocketAddress everybody = at("127.255.255.255", server.port());
    CompletableFuture<Void> before = udp.send(Texts.bytes("before"), server.address());
    CompletableFuture<Void> refused = udp.send(Texts.bytes("all"), everybody);
    CompletableFuture<Void> after = udp.send(Texts.bytes("after"), server.address());
    Throwable failure = Await.failure(refused);
    assertThat(failure).isInstanceOf(SendFailedException.class).hasMessageStartingWith("shy: ");
    assertThat(((SendFailedException) failure).reason().kind())
        .isEqualTo(CloseReason.Kind.SEND_REFUSED);
    Await.get(before);
    Await.get(after);
    assertThat(List.of(inbox.nextText(), inbox.nextText())).containsExactly("before", "after");
    assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void broadcastIsSentWhenItIsAllowed() {
    assumeThat(OsSockets.isAvailable()).isTrue();
    int port = freePort();
    opened(registry.udp("listener").bind(port).onDatagram(inbox).register());
    UdpConnection loud = opened(registry.udp("loud").broadcast(true).register());
    Await.get(loud.send(Texts.bytes("all"), at("127.255.255.255", port)));
    assertThat(inbox.nextText()).isEqualTo("all");
  }

  @Test
  void portInUseIsWaitedFor() throws Exception {
    int descriptors;
    UdpConnection udp;
    InetAddress everywhere = new InetSocketAddress(0).getAddress();
    try (DatagramSocket holder = new DatagramSocket(0, everywhere)) {
      int port = holder.getLocalPort();
      descriptors = OsSockets.descriptors();
      udp = registry.udp("late").bind(port).retryPolicy(WHEN_TOLD).onStateChange(log).register();
      CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.CONNECT_FAILED);
      assertThat(reason.detail()).startsWith("bind to port " + port + " failed: ");
      assertThat(reason.cause().orElseThrow()).isInstanceOf(BindException.class);
      for (int i = 2; i <= 30; i++) {
        udp.retryNow();
        log.await(ConnectionState.WAITING, i);
      }
      // At most: what earlier tests left to the collector may go meanwhile.
      assertThat(OsSockets.descriptors()).isLessThanOrEqualTo(descriptors);
    }
    udp.retryNow();
    opened(udp);
  }

  @Test
  void supplierThatThrowsIsAFailedAttemptWhoseTextStaysInTheCause() {
    AtomicReference<Callable<InetSocketAddress>> address = new AtomicReference<>();
    address.set(
        () -> {
          throw new IOException("token s3cret"); // checked
        });
    UdpConnection udp =
        registry
            .udp("supplied")
            .connectTo(() -> address.get().call())
            .retryPolicy(WHEN_TOLD)
            .onStateChange(log)
            .register();
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);
    assertThat(reason.toString()).doesNotContain("s3cret");
    assertThat(reason.cause().orElseThrow()).hasMessageContaining("s3cret");

    address.set(
        () -> {
          throw new AssertionError("on purpose");
        });
    udp.retryNow();
    assertThat(kindOf(log.await(ConnectionState.WAITING, 2)))
        .isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);

    address.set(() -> null);
    udp.retryNow();
    assertThat(kindOf(log.await(ConnectionState.WAITING, 3)))
        .isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);

    address.set(server::address);
    udp.retryNow();
    opened(udp);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9000, 9000, the host has a port in it",
    "udp://host, 9000, the host has a scheme in it",
    "localhost, 0, port 0",
  })
  void addressThatCantBeOneIsTheSuppliersFault(String host, int port, String problem) {
    InetSocketAddress address = InetSocketAddress.createUnresolved(host, port);
    UdpConnection unused =
        registry
            .udp("supplied")
            .connectTo(() -> address)
            .retryPolicy(RetryPolicy.never())
            .onStateChange(log)
            .register();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.SUPPLIER_FAILED);
    assertThat(reason.detail())
        .startsWith("the supplier of the address gave what can't be one: " + problem);
  }

  @Test
  void hostWithoutAnAddressIsUnresolved() {
    UdpConnection udp =
        registry
            .udp("lost")
            .connectTo("fe80::1%nosuch0", 9000) // an interface that is not there: asks nobody
            .retryPolicy(RetryPolicy.never())
            .onStateChange(log)
            .register();
    CloseReason reason = log.await(ConnectionState.FAILED).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.UNRESOLVED);
    assertThat(reason.detail()).contains("nosuch0");
    assertThat(reason.cause().orElseThrow()).isInstanceOf(UnknownHostException.class);
    assertThat(udp.localAddress()).isEmpty();
  }

  @Test
  void hostWithoutAnAddressOfTheFamilyIsUnresolved() {
    UdpConnection unused =
        registry
            .udp("lost")
            .family(java.net.StandardProtocolFamily.INET6)
            .connectTo("127.0.0.1", 9000)
            .retryPolicy(RetryPolicy.never())
            .onStateChange(log)
            .register();
    assertThat(kindOf(log.await(ConnectionState.FAILED))).isEqualTo(CloseReason.Kind.UNRESOLVED);
  }

  private static CloseReason.Kind kindOf(StateChange change) {
    return change.reason().orElseThrow().kind();
  }
}
