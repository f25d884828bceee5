package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionKind;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What can't be meant is refused at once, in words that help. */
class UdpBuilderTest extends UdpTestBase {
  static Stream<Arguments> badArguments() {
    return Stream.of(
        bad("port must be from 1 to 65535, not 0", b -> b.bind(0)),
        bad("port must be from 1 to 65535, not 65536", b -> b.bind(65_536)),
        bad("needs an address", b -> b.bind(InetSocketAddress.createUnresolved("a", 1))),
        bad("port must be from 1 to 65535, not 0", b -> b.connectTo("localhost", 0)),
        bad("port must be from 1 to 65535, not 65536", b -> b.connectTo("localhost", 65_536)),
        bad("the host is empty", b -> b.connectTo("", 1)),
        bad("the host has a scheme in it", b -> b.connectTo("udp://host", 1)),
        bad("the host has a port in it", b -> b.connectTo("127.0.0.1:9000", 9_000)),
        bad("multicastTtl must be from 0 to 255, not 256", b -> b.multicastTtl(256)),
        bad("multicastTtl must be from 0 to 255, not -1", b -> b.multicastTtl(-1)),
        bad("a group is a multicast address", b -> b.joinGroup("127.0.0.1")),
        bad("a group is a multicast address", b -> b.joinGroup("224.0.0.256")),
        bad("a group is a multicast address", b -> b.joinGroup("224.0.0")),
        bad("a group is a multicast address", b -> b.joinGroup("mdns.example.com")),
        bad("a group is a multicast address", b -> b.joinGroup("")),
        bad("a group is a multicast address", b -> b.joinGroup("::1")),
        bad("a group is a multicast address", b -> b.joinGroup("ff02:::fb")),
        bad("the name of a network interface is blank", b -> b.joinGroup("224.0.0.251", " ")),
        bad("the name of a network interface is blank", b -> b.multicastInterface("")),
        bad("sendBufferSize must be from 1", b -> b.sendBufferSize(0)),
        bad("receiveBufferSize must be from 1", b -> b.receiveBufferSize(-5)),
        bad("connect timeout must be above zero", b -> b.connectTimeout(Duration.ZERO)),
        bad(
            "one connection for each",
            b -> b.joinGroup("224.0.0.251").joinGroup("ff02::fb").register()),
        bad(
            "one connection for each",
            b -> b.family(StandardProtocolFamily.INET6).joinGroup("224.0.0.251").register()),
        bad(
            "one connection for each",
            b -> b.bind(at("::1", 0)).joinGroup("224.0.0.251").register()));
  }

  private static Arguments bad(String message, Consumer<UdpBuilder> call) {
    return Arguments.of(message, call);
  }

  @ParameterizedTest(name = "{index} {0}")
  @MethodSource("badArguments")
  void badArgumentIsRefusedAndTheConnectionNamed(String message, Consumer<UdpBuilder> call) {
    UdpBuilder builder = registry.udp("picky");
    assertThatThrownBy(() -> call.accept(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("picky: ")
        .hasMessageContaining(message);
    assertThat(registry.connections()).isEmpty();
  }

  @Test
  void nullIsRefused() {
    UdpBuilder builder = registry.udp("picky");
    assertThatNullPointerException().isThrownBy(() -> registry.udp(null));
    assertThatNullPointerException().isThrownBy(() -> builder.bind(null));
    assertThatNullPointerException().isThrownBy(() -> builder.connectTo(null, 1));
    assertThatNullPointerException()
        .isThrownBy(() -> builder.connectTo((Callable<InetSocketAddress>) null));
    assertThatNullPointerException().isThrownBy(() -> builder.joinGroup(null));
    assertThatNullPointerException().isThrownBy(() -> builder.joinGroup("224.0.0.251", null));
    assertThatNullPointerException().isThrownBy(() -> builder.multicastInterface(null));
    assertThatNullPointerException().isThrownBy(() -> builder.family(null));
    assertThatNullPointerException().isThrownBy(() -> builder.onDatagram(null));
    assertThatNullPointerException().isThrownBy(() -> builder.onError(null));
    assertThatNullPointerException().isThrownBy(() -> builder.onOpen(null));
    UdpConnection udp = builder.register();
    assertThatNullPointerException()
        .isThrownBy(() -> udp.send((ByteBuffer) null, server.address()));
    assertThatNullPointerException().isThrownBy(() -> udp.send(ByteBuffer.allocate(1), null));
  }

  @Test
  void badNamesAreRefused() {
    assertThatThrownBy(() -> registry.udp(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> registry.udp("a\nb")).isInstanceOf(IllegalArgumentException.class);
    opened(registry.udp("taken").register());
    assertThatThrownBy(() -> registry.udp("taken").register())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("taken: ");
  }

  @Test
  void closedRegistryTakesNoMore() {
    UdpBuilder begun = registry.udp("late");
    registry.close();
    assertThatThrownBy(() -> registry.udp("later"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("later: ");
    assertThatThrownBy(begun::register).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void sendThatCantBeMeantIsRefusedAtTheCall() {
    UdpConnection free = opened(registry.udp("free").register());
    ByteBuffer data = ByteBuffer.allocate(1);
    assertThatThrownBy(() -> free.send(data))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("free: send to whom?");
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("peer.example.com", 9);
    assertThatThrownBy(() -> free.send(data, unresolved))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("free: peer.example.com is not resolved");
    assertThatThrownBy(() -> free.send(data, at("127.0.0.1", 0)))
        .isInstanceOf(IllegalArgumentException.class);

    UdpConnection bound = opened(registry.udp("bound").connectTo(server::address).register());
    assertThatThrownBy(() -> bound.send(data, at("127.0.0.1", 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("bound: can't send to /127.0.0.1:9");

    UdpConnection four =
        opened(registry.udp("four").family(StandardProtocolFamily.INET).register());
    assertThatThrownBy(() -> four.send(data, at("::1", 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("four: ");
  }

  @Test
  void everyOptionIsTakenByTheSystem() {
    UdpConnection udp =
        opened(
            registry
                .udp("all")
                .bind(at("0.0.0.0", 0))
                .connectTo("127.0.0.1", server.port())
                .connectTimeout(Duration.ofSeconds(30))
                .family(StandardProtocolFamily.INET)
                .broadcast(true)
                .multicastTtl(0)
                .multicastLoopback(true)
                .reuseAddress(true)
                .sendBufferSize(32_768)
                .receiveBufferSize(32_768)
                .priority(3)
                .register());
    assertThat(udp.kind()).isEqualTo(ConnectionKind.UDP);
    assertThat(udp.toString()).isEqualTo("UDP all OPEN");
  }
}
