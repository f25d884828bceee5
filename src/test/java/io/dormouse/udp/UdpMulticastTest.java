package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multicast with TTL 0, which does not leave this system. */
class UdpMulticastTest extends UdpTestBase {
  private static final String GROUP = "239.255.77.77";
  private final Inbox inbox = new Inbox();
  private final int port = freePort();

  @Test
  void groupIsJoinedAgainOnEveryResume() throws Exception {
    String network = interfaceFor(GROUP);
    UdpConnection listener =
        registry.udp("listener").bind(port).joinGroup(GROUP, network).onDatagram(inbox).register();
    UdpConnection sender = sender("sender", network);
    for (int round = 0; round < 3; round++) {
      opened(listener);
      opened(sender);
      Await.get(sender.send(Texts.bytes("round " + round), group()));
      assertThat(inbox.nextText()).isEqualTo("round " + round);
      suspend();
      assertThat(socketsAt(port)).isZero();
      lifecycle.onForeground();
    }
  }

  @Test
  void twoListenToOneGroupAtOnePort() throws Exception {
    String network = interfaceFor(GROUP);
    Inbox second = new Inbox();
    opened(registry.udp("first").bind(port).joinGroup(GROUP, network).onDatagram(inbox).register());
    opened(
        registry.udp("second").bind(port).joinGroup(GROUP, network).onDatagram(second).register());
    UdpConnection sender = opened(sender("sender", network));
    Await.get(sender.send(Texts.bytes("both"), group()));
    assertThat(inbox.nextText()).isEqualTo("both");
    assertThat(second.nextText()).isEqualTo("both");
  }

  @Test
  void withoutReuseAddressThePortIsTaken() throws Exception {
    String network = interfaceFor(GROUP);
    opened(registry.udp("first").bind(port).joinGroup(GROUP, network).register());
    StateLog log = new StateLog();
    UdpConnection unused =
        registry
            .udp("second")
            .bind(port)
            .joinGroup(GROUP, network)
            .reuseAddress(false)
            .retryPolicy(WHEN_TOLD)
            .onStateChange(log)
            .register();
    assertThat(log.await(ConnectionState.WAITING).reason().orElseThrow().detail())
        .startsWith("bind to port " + port);
  }

  @Test
  void whatIsNotLoopedBackIsNotHeardHere() throws Exception {
    String network = realInterfaceFor(GROUP);
    opened(
        registry.udp("listener").bind(port).joinGroup(GROUP, network).onDatagram(inbox).register());
    UdpConnection mute =
        opened(
            registry
                .udp("mute")
                .multicastInterface(network)
                .multicastTtl(0)
                .multicastLoopback(false)
                .register());
    UdpConnection sender = opened(sender("sender", network));
    Await.get(mute.send(Texts.bytes("unheard"), group()));
    Await.get(sender.send(Texts.bytes("heard"), group()));
    assertThat(inbox.nextText()).isEqualTo("heard");
  }

  @Test
  void groupIsJoinedOnAllInterfacesIfNoneIsNamed() throws Exception {
    String network = realInterfaceFor(GROUP);
    opened(registry.udp("listener").bind(port).joinGroup(GROUP).onDatagram(inbox).register());
    UdpConnection sender = opened(sender("sender", network));
    Await.get(sender.send(Texts.bytes("all"), group()));
    assertThat(inbox.nextText()).isEqualTo("all");
  }

  @Test
  void ipv6GroupIsJoined() throws Exception {
    String group = "ff11::7777"; // does not leave the interface (RFC 4291, section 2.7)
    String network = interfaceFor(group);
    opened(
        registry.udp("listener").bind(port).joinGroup(group, network).onDatagram(inbox).register());
    UdpConnection sender =
        opened(
            registry
                .udp("sender")
                .family(StandardProtocolFamily.INET6)
                .multicastInterface(network)
                .multicastTtl(0)
                .register());
    Await.get(sender.send(Texts.bytes("six"), at(group, port)));
    Datagram datagram = inbox.next();
    assertThat(datagram.bytes()).hasSize(3);
    assertThat(datagram.sender().getAddress()).isInstanceOf(Inet6Address.class);
  }

  @Test
  void interfaceThatIsNotThereIsAFailedAttempt() {
    StateLog log = new StateLog();
    UdpConnection unused =
        registry
            .udp("lost")
            .joinGroup(GROUP, "nosuch0")
            .retryPolicy(WHEN_TOLD)
            .onStateChange(log)
            .register();
    CloseReason reason = log.await(ConnectionState.WAITING).reason().orElseThrow();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.CONNECT_FAILED);
    assertThat(reason.detail()).isEqualTo("there is no network interface nosuch0 now");
  }

  private UdpConnection sender(String name, String networkInterface) {
    return registry.udp(name).multicastInterface(networkInterface).multicastTtl(0).register();
  }

  private InetSocketAddress group() {
    return at(GROUP, port);
  }

  private static List<NetworkInterface> interfaces() throws IOException {
    return Collections.list(NetworkInterface.getNetworkInterfaces());
  }

  /** An interface that the group works on, the loopback interface if that does, as on Linux. */
  private static String interfaceFor(String group) throws IOException {
    List<NetworkInterface> candidates = new ArrayList<>(interfaces());
    candidates.sort(Comparator.comparing(each -> isLoopback(each) ? 0 : 1));
    return firstThatTakes(at(group, 9).getAddress(), candidates);
  }

  /** The same, but none that loops everything back whatever the option says. */
  private static String realInterfaceFor(String group) throws IOException {
    List<NetworkInterface> candidates = new ArrayList<>(interfaces());
    candidates.removeIf(each -> isLoopback(each) || !takesPart(each));
    return firstThatTakes(at(group, 9).getAddress(), candidates);
  }

  private static String firstThatTakes(InetAddress group, List<NetworkInterface> candidates) {
    String found = null;
    for (NetworkInterface candidate : candidates) {
      if (found == null && takes(candidate, group)) {
        found = candidate.getName();
      }
    }
    assumeThat(found).as("an interface for " + group).isNotNull();
    return found;
  }

  private static boolean takes(NetworkInterface candidate, InetAddress group) {
    try (DatagramChannel probe =
        DatagramChannel.open(
            group instanceof Inet6Address
                ? StandardProtocolFamily.INET6
                : StandardProtocolFamily.INET)) {
      MembershipKey unused = probe.join(group, candidate);
      probe.setOption(StandardSocketOptions.IP_MULTICAST_IF, candidate);
      probe.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
      return probe.send(ByteBuffer.allocate(1), new InetSocketAddress(group, 9)) == 1;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static boolean isLoopback(NetworkInterface candidate) {
    try {
      return candidate.isLoopback();
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean takesPart(NetworkInterface candidate) {
    try {
      return candidate.isUp() && candidate.supportsMulticast();
    } catch (IOException e) {
      return false;
    }
  }
}
