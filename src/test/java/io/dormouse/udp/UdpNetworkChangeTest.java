package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.StateChange;
import io.dormouse.support.Await;
import io.dormouse.support.OwnNetwork;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.Texts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses and interfaces that come and go while a connection is open. */
class UdpNetworkChangeTest {
  @Test
  void aConnectedSocketWhoseLocalAddressIsGoneIsReplaced() {
    OwnNetwork.run(AddressGoes.class);
  }

  @Test
  void aBoundSocketWhoseLocalAddressIsGoneIsReplacedWhenItIsBack() {
    OwnNetwork.run(BoundAddressGoes.class);
  }

  @Test
  void aSendThatFindsNoRouteFailsAloneAsLongAsTheLocalAddressStays() {
    OwnNetwork.run(RouteGoes.class);
  }

  @Test
  void groupsAreJoinedOnInterfacesThatComeUpLaterAndOnThoseThatWereReplaced() {
    OwnNetwork.run(InterfacesCome.class);
  }

  /** As on a phone that leaves the Wi-Fi: another address, and another way to the same peer. */
  static final class AddressGoes {
    public static void main(String... args) {
      addInterface("net0", "10.9.0.1/24");
      try (Registries app = new Registries()) {
        StateLog log = new StateLog();
        UdpConnection udp =
            app.registry().udp("roaming").connectTo("10.9.0.2", 9).onStateChange(log).register();
        app.foreground();
        Await.get(udp.whenOpen());
        Await.get(udp.send(Texts.bytes("from the first")));
        assertThat(addressOf(udp)).isEqualTo("10.9.0.1");

        OwnNetwork.ip("addr del 10.9.0.1/24 dev net0");
        OwnNetwork.ip("addr add 10.9.0.7/24 dev net0");

        assertThat(reasonOf(udp)).isEqualTo(CloseReason.Kind.NETWORK_LOST);
        StateChange end = log.await(ConnectionState.WAITING);
        assertThat(end.reason().orElseThrow().toString())
            .isEqualTo("NETWORK_LOST (this system has no address 10.9.0.1 any more)");
        log.await(ConnectionState.OPEN, 2);
        Await.get(udp.send(Texts.bytes("from the second")));
        assertThat(addressOf(udp)).isEqualTo("10.9.0.7");
      }
    }
  }

  static final class BoundAddressGoes {
    public static void main(String... args) {
      addInterface("net0", "10.9.0.1/24");
      try (Registries app = new Registries()) {
        StateLog log = new StateLog();
        InetSocketAddress local = UdpTestBase.at("10.9.0.1", 0);
        InetSocketAddress peer = UdpTestBase.at("10.9.0.2", 9);
        UdpConnection udp = app.registry().udp("bound").bind(local).onStateChange(log).register();
        app.foreground();
        Await.get(udp.whenOpen());
        Await.get(udp.send(Texts.bytes("there"), peer));

        OwnNetwork.ip("addr del 10.9.0.1/24 dev net0");
        Throwable failure = Await.failure(udp.send(Texts.bytes("gone"), peer));
        assertThat(((SendFailedException) failure).reason().kind())
            .isEqualTo(CloseReason.Kind.NETWORK_LOST);
        log.await(ConnectionState.WAITING, 2); // it can't be bound
        OwnNetwork.ip("addr add 10.9.0.1/24 dev net0");

        log.await(ConnectionState.OPEN, 2);
        Await.get(udp.send(Texts.bytes("back"), peer));
      }
    }
  }

  static final class RouteGoes {
    public static void main(String... args) {
      addInterface("net0", "10.9.0.1/24");
      try (Registries app = new Registries()) {
        UdpConnection udp = app.registry().udp("still").connectTo("10.9.0.2", 9).register();
        app.foreground();
        Await.get(udp.whenOpen());
        Await.get(udp.send(Texts.bytes("there")));

        OwnNetwork.ip("route del 10.9.0.0/24");
        assertThat(reasonOf(udp)).isEqualTo(CloseReason.Kind.SEND_REFUSED);
        assertThat(udp.state()).isEqualTo(ConnectionState.OPEN);
        OwnNetwork.ip("route add 10.9.0.0/24 dev net0");

        Await.get(udp.send(Texts.bytes("back")));
        assertThat(udp.snapshot().generation()).isEqualTo(1);
      }
    }
  }

  static final class InterfacesCome {
    private static final String GROUP = "239.255.77.78";

    /** The same as the kernel writes it on a machine with its bytes in this order. */
    private static final String GROUP_HEX = "4E4DFFEF";

    public static void main(String... args) {
      addInterface("net0", "10.9.0.1/24");
      try (Registries app = new Registries()) {
        StateLog log = new StateLog();
        UdpConnection udp =
            app.registry().udp("discovery").joinGroup(GROUP).onStateChange(log).register();
        app.foreground();
        Await.get(udp.whenOpen());
        assertThat(joined("net0")).isTrue();

        addInterface("net1", "10.8.0.1/24");
        Await.until("it has joined on the new interface", () -> joined("net1"));
        assertThat(udp.snapshot().generation()).isEqualTo(1);

        OwnNetwork.ip("link del net0");
        addInterface("net0", "10.9.0.1/24");
        Await.until("it has joined on the one that was replaced", () -> joined("net0"));
        assertThat(joined("net1")).isTrue();
        assertThat(log.await(ConnectionState.WAITING).reason().orElseThrow().toString())
            .isEqualTo("NETWORK_LOST (the network interface net0 was replaced)");
        app.suspend();
        assertThat(joined("net0")).isFalse();
      }
    }

    /** Reads the kernel's table: a line for each interface, and below it one for each group. */
    private static boolean joined(String networkInterface) {
      List<String> lines;
      try {
        lines = Files.readAllLines(Path.of("/proc/self/net/igmp"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      boolean below = false;
      for (String line : lines) {
        if (!line.startsWith("\t")) {
          below = line.contains("\t" + networkInterface + " ");
        } else if (below && line.trim().startsWith(GROUP_HEX)) {
          return true;
        }
      }
      return false;
    }
  }

  private static void addInterface(String name, String address) {
    OwnNetwork.ip("link add " + name + " type veth peer name " + name + "-peer");
    OwnNetwork.ip("addr add " + address + " dev " + name);
    OwnNetwork.ip("link set " + name + "-peer up");
    OwnNetwork.ip("link set " + name + " up");
  }

  private static String addressOf(UdpConnection udp) {
    return udp.localAddress().orElseThrow().getAddress().getHostAddress();
  }

  /** Sends something that must fail, and returns why it did. */
  private static CloseReason.Kind reasonOf(UdpConnection udp) {
    Throwable failure = Await.failure(udp.send(Texts.bytes("lost")));
    return ((SendFailedException) failure).reason().kind();
  }
}
