package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "255.255.255.255", "10.20.199.249"})
  void addressesAreReadAsThePlatformReadsThem(String host) throws Exception {
    assertThat(Ipv4.parse(host)).contains(InetAddress.getByName(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4x", "::1", ""})
  void whatIsNoneIsLeftToTheLookUp(String host) {
    assertThat(Ipv4.parse(host)).isEmpty();
  }

  @Test
  void anAddressHasNoNameOfItsOwn() {
    assertThat(Ipv4.parse("10.0.0.1"))
        .hasValueSatisfying(address -> assertThat(address.toString()).isEqualTo("/10.0.0.1"));
  }
}
