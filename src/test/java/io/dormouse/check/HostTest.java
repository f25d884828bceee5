package io.dormouse.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be a host, and what is said of what can't. */
class HostTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "telemetry.example.com",
        "telemetry.example.com.",
        "my_service",
        "a-b.c--d",
        "xn--bcher-kva.example",
        "bücher.local",
        "1password.com",
        "4.example",
        "127.0.0.1",
        "255.255.255.255",
        "127.1",
        "2130706433",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:DB8:0:0:8:800:200C:417A",
        "::ffff:192.0.2.1",
        "64:ff9b::192.0.2.33",
        "1:2:3:4:5:6:7::",
        "1:2:3:4:5:6:192.0.2.1",
        "fe80::1%eth0",
        "fe80::1%7",
      })
  void canBeAHost(String host) {
    assertThat(Check.host("telemetry", host)).isEqualTo(host);
    assertThat(Check.hostProblem(host)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "2001:db8::1", "fe80::1%eth0"})
  void anIpv6AddressMayStandInBrackets(String host) {
    assertThat(Check.host("telemetry", "[" + host + "]")).isEqualTo(host);
  }

  static Stream<Arguments> mistakes() {
    return Map.ofEntries(
            Map.entry("", "is empty"),
            Map.entry(" ", "has a space or another invisible character in it"),
            Map.entry("my host", "has a space or another invisible character in it"),
            Map.entry("host\n", "has a space or another invisible character in it"),
            Map.entry("host\u200b", "has a space or another invisible character in it"),
            Map.entry("host\u00a0", "has a space or another invisible character in it"),
            Map.entry("tcp://host", "has a scheme in it"),
            Map.entry("https://user:s3cr3t@host:1/", "has a scheme in it"),
            Map.entry("user:s3cr3t@host", "has user info in it"),
            Map.entry("host/path", "has a path in it"),
            Map.entry("host\\path", "has a path in it"),
            Map.entry("host?s3cr3t", "has a path in it"),
            Map.entry("host#s3cr3t", "has a path in it"),
            Map.entry("127.0.0.1:9000", "has a port in it"),
            Map.entry("telemetry.example.com:9000", "has a port in it"),
            Map.entry("[::1]:9000", "has a port in it"),
            Map.entry("host:", "has a port in it"),
            Map.entry(":9000", "has a port in it"),
            Map.entry("[host]", "has brackets, but not around an IPv6 address"),
            Map.entry("[127.0.0.1]", "has brackets, but not around an IPv6 address"),
            Map.entry("[::1", "has brackets, but not around an IPv6 address"),
            Map.entry("[", "has brackets, but not around an IPv6 address"),
            Map.entry("[]", "has brackets, but not around an IPv6 address"),
            Map.entry("[::1]x", "has brackets, but not around an IPv6 address"),
            Map.entry("::1]", "has colons, but is no IPv6 address"),
            Map.entry(":::", "has colons, but is no IPv6 address"),
            Map.entry("1::2::3", "has colons, but is no IPv6 address"),
            Map.entry("1:2:3:4:5:6:7", "has colons, but is no IPv6 address"),
            Map.entry("1:2:3:4:5:6:7:8:9", "has colons, but is no IPv6 address"),
            Map.entry("1:2:3:4:5:6:7:8::", "has colons, but is no IPv6 address"),
            Map.entry("2001:db8::g", "has colons, but is no IPv6 address"),
            Map.entry("2001:db8::12345", "has colons, but is no IPv6 address"),
            Map.entry("::ffff:256.0.2.1", "has colons, but is no IPv6 address"),
            Map.entry("::192.0.2.1:1", "has colons, but is no IPv6 address"),
            Map.entry("192.0.2.1::1", "has colons, but is no IPv6 address"),
            Map.entry("::ffff:192.1", "has colons, but is no IPv6 address"),
            Map.entry("fe80::1%", "has colons, but is no IPv6 address"),
            Map.entry("fe80::1%a%b", "has colons, but is no IPv6 address"),
            Map.entry("127.0.0.1%eth0", "has a character in it that no host name has"),
            Map.entry("${host}", "has a character in it that no host name has"),
            Map.entry("a,b", "has a character in it that no host name has"),
            Map.entry("*.example.com", "has a character in it that no host name has"),
            Map.entry("]", "has a character in it that no host name has"),
            Map.entry("a..b", "has a dot too many in it"),
            Map.entry(".a", "has a dot too many in it"),
            Map.entry("a..", "has a dot too many in it"),
            Map.entry(".", "has a dot too many in it"),
            Map.entry("256.0.0.1", "looks like an IPv4 address, but is none"),
            Map.entry("1.2.3.4.5", "looks like an IPv4 address, but is none"),
            Map.entry("1.2.65536", "looks like an IPv4 address, but is none"),
            Map.entry("host.9000", "looks like an IPv4 address, but is none"),
            Map.entry("99999999999", "looks like an IPv4 address, but is none"),
            Map.entry("a".repeat(64), "has a label of more than 63 characters in it"),
            Map.entry("a.".repeat(127) + "a", "has more than 253 characters"))
        .entrySet()
        .stream()
        .map(mistake -> Arguments.of(mistake.getKey(), mistake.getValue()));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void whatCantBeAHostIsToldWithWhatWouldBeRight(String host, String problem) {
    assertThatThrownBy(() -> Check.host("telemetry", host))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "telemetry: the host %s; give the host alone, such as telemetry.example.com,"
                + " 192.0.2.1 or 2001:db8::1, and the port apart from it",
            problem);
  }

  @Test
  void theLongestNameCanBeAHost() {
    String name = "a.".repeat(126) + "a";
    assertThat(Check.host("telemetry", name)).isEqualTo(name);
    assertThat(Check.host("telemetry", "a".repeat(63))).hasSize(63);
  }

  /** Java's own reader of IPv6 addresses is the judge: a text with a colon is never looked up. */
  @Test
  void javaTakesTheSameIpv6Addresses() {
    Random random = new Random(6);
    String[] pieces = {"0", "f", "1a2B", "12345", "g", "1.2.3.4", "256.1.1.1", "", "1", "99"};
    int addresses = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(9); left >= 0; left--) {
        int kind = random.nextInt(12);
        text.append(kind < pieces.length ? pieces[kind] : "abc");
        text.append(left == 0 ? "" : random.nextInt(5) == 0 ? "::" : ":");
      }
      String host = text.toString();
      if (host.indexOf(':') == host.lastIndexOf(':')) {
        continue;
      }
      boolean address = isAddress(host);
      addresses += address ? 1 : 0;
      assertThat(Check.hostProblem(host).isEmpty()).as(host).isEqualTo(address);
    }
    assertThat(addresses).isGreaterThan(1_000);
  }

  private static boolean isAddress(String host) {
    try {
      return InetAddress.getAllByName("[" + host + "]").length == 1;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  @Test
  void anAddressToBindToIsResolved() {
    InetSocketAddress name = InetSocketAddress.createUnresolved("localhost", 0);
    InetSocketAddress address = new InetSocketAddress(0);

    assertThat(Check.localAddress("telemetry", address)).isSameAs(address);
    assertThatThrownBy(() -> Check.localAddress("telemetry", name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("telemetry: bind needs an address of this system");
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> Check.host("telemetry", null));
    assertThatNullPointerException().isThrownBy(() -> Check.localAddress("telemetry", null));
  }
}
