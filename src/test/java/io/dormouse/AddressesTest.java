package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnNetwork;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.SimulatedNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.Dns;
import org.junit.jupiter.api.Test;

/** A host with several addresses, on sockets of the system. */
class AddressesTest {
  private static final String HOST = "h.example";

  /** Answers without asking anybody. */
  private record Fixed(List<InetAddress> addresses) implements Dns {
    static Fixed of(String... numbers) {
      InetAddress[] all = new InetAddress[numbers.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = SimulatedNetwork.address(numbers[i]);
      }
      return new Fixed(List.of(all));
    }

    @Override
    public List<InetAddress> lookup(String hostname) {
      assertThat(hostname).isEqualTo(HOST);
      return addresses;
    }
  }

  private static TcpConnection open(
      ConnectionRegistry registry, Dns dns, int port, CompletableFuture<Long> socketsWhenOpen) {
    TcpConnection tcp =
        registry
            .tcp("telemetry")
            .connectTo(HOST, port)
            .dns(dns)
            .onStateChange(
                (connection, change) -> {
                  if (change.to() == ConnectionState.OPEN) {
                    socketsWhenOpen.complete(OsSockets.connectedTo(port));
                  }
                })
            .register();
    Await.get(tcp.whenOpen());
    return tcp;
  }

  private static ConnectionRegistry front() {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
    lifecycle.onForeground();
    return registry;
  }

  private static void assertReached(String first, String second, String expected)
      throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, SimulatedNetwork.address(expected));
        ConnectionRegistry registry = front()) {
      CompletableFuture<Long> sockets = new CompletableFuture<>();
      Dns dns = Fixed.of(first, second);
      TcpConnection tcp = open(registry, dns, server.getLocalPort(), sockets);
      assertThat(tcp.remoteAddress().orElseThrow().getAddress())
          .isEqualTo(SimulatedNetwork.address(expected));
      if (OsSockets.isAvailable()) {
        assertThat(Await.get(sockets)).isEqualTo(1);
      }
    }
  }

  @Test
  void anAddressThatRefusesIsFollowedByTheNext() throws IOException {
    assertReached("127.0.0.2", "127.0.0.1", "127.0.0.1");
  }

  @Test
  void ipv6IsTriedFirstAndIpv4AfterIt() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, SimulatedNetwork.address("::1"))) {
      assertThat(any.isBound()).isTrue();
    } catch (IOException e) {
      assumeThat(false).as("there is no IPv6 here").isTrue();
    }
    assertReached("127.0.0.1", "::1", "::1");
    assertReached("127.0.0.1", "::1", "127.0.0.1"); // at ::1 it is refused
  }

  @Test
  void anAddressThatSwallowsEverythingCostsOneDelay() {
    OwnNetwork.run(Blackhole.class);
  }

  /** Runs in a network of its own, where there is an address behind which nobody is. */
  static final class Blackhole {
    private Blackhole() {}

    public static void main(String[] args) throws IOException {
      OwnNetwork.ip("link add hole0 type veth peer name hole1");
      OwnNetwork.ip("link set hole0 arp off up");
      OwnNetwork.ip("link set hole1 up");
      OwnNetwork.ip("address add 10.99.0.1/24 dev hole0");
      try (ServerSocket server = new ServerSocket(0, 50, SimulatedNetwork.address("127.0.0.1"));
          ConnectionRegistry registry = front()) {
        Dns dns = Fixed.of("10.99.0.7", "127.0.0.1");
        CompletableFuture<Long> sockets = new CompletableFuture<>();
        long begin = System.nanoTime();
        TcpConnection tcp = open(registry, dns, server.getLocalPort(), sockets);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(tcp.remoteAddress().orElseThrow().getAddress().getHostAddress())
            .isEqualTo("127.0.0.1");
        assertThat(Await.get(sockets)).as("sockets in the system's table").isEqualTo(1);
        assertThat(took).isBetween(Duration.ofMillis(250), Duration.ofSeconds(9));
        System.out.println("open after " + took.toMillis() + " ms");
      }
    }
  }
}
