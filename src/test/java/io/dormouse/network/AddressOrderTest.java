package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.testing.SimulatedNetwork;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** RFC 8305, section 4. */
class AddressOrderTest {
  private static List<InetAddress> of(String... numbers) {
    return Stream.of(numbers).map(SimulatedNetwork::address).toList();
  }

  private static void assertOrder(List<InetAddress> given, String worked, String... expected) {
    InetAddress first = worked == null ? null : SimulatedNetwork.address(worked);
    assertThat(AddressOrder.of(given, first, null)).isEqualTo(of(expected));
  }

  @Test
  void theOneThatIsAvoidedComesLastAndAlone() {
    List<InetAddress> all = of("2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2");
    assertThat(AddressOrder.of(all, null, SimulatedNetwork.address("2001:db8::1")))
        .isEqualTo(of("2001:db8::2", "192.0.2.1", "192.0.2.2", "2001:db8::1"));
    assertThat(AddressOrder.of(of("192.0.2.1"), null, SimulatedNetwork.address("192.0.2.1")))
        .isEqualTo(of("192.0.2.1"));
    assertThat(AddressOrder.of(of("192.0.2.1"), null, SimulatedNetwork.address("192.0.2.9")))
        .isEqualTo(of("192.0.2.1"));
  }

  @Test
  void theFamiliesTakeTurnsAndIpv6Begins() {
    assertOrder(
        of("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"),
        null,
        "2001:db8::1",
        "192.0.2.1",
        "2001:db8::2",
        "192.0.2.2");
  }

  @Test
  void whatOneFamilyHasMoreOfComesLast() {
    assertOrder(
        of("2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"),
        null,
        "2001:db8::1",
        "192.0.2.1",
        "2001:db8::2",
        "2001:db8::3");
  }

  @Test
  void oneFamilyKeepsTheResolversOrder() {
    assertOrder(of("192.0.2.9", "192.0.2.1"), null, "192.0.2.9", "192.0.2.1");
    assertOrder(of("2001:db8::9", "2001:db8::1"), null, "2001:db8::9", "2001:db8::1");
  }

  @Test
  void anAddressThatIsThereTwiceIsTriedOnce() {
    assertOrder(of("192.0.2.1", "2001:db8::1", "192.0.2.1"), null, "2001:db8::1", "192.0.2.1");
  }

  /** If it fails, that may be since its family is broken. */
  @Test
  void afterTheOneThatWorkedComesTheOtherFamily() {
    List<InetAddress> all = of("2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2");
    assertOrder(all, "192.0.2.2", "192.0.2.2", "2001:db8::1", "192.0.2.1", "2001:db8::2");
    assertOrder(all, "2001:db8::2", "2001:db8::2", "192.0.2.1", "2001:db8::1", "192.0.2.2");
  }

  @Test
  void oneThatWorkedAndIsNotThereAnyMoreChangesNothing() {
    assertOrder(of("192.0.2.1", "2001:db8::1"), "192.0.2.9", "2001:db8::1", "192.0.2.1");
  }

  @Test
  void aHostWithoutAddressesHasNone() {
    assertOrder(of(), null);
  }
}
