package io.dormouse.udp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A multicast group to join.
 *
 * @param address a multicast address
 * @param networkInterface on which; empty for all that take part in multicast
 */
record Group(InetAddress address, Optional<String> networkInterface) {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** Returns the multicast address that is written here; null if none is. */
  static @Nullable InetAddress parse(String text) {
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return null; // a name: looking it up would block
    }
    try {
      InetAddress address = InetAddress.getByName(text);
      return address.isMulticastAddress() ? address : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  ProtocolFamily family() {
    return familyOf(address);
  }

  static ProtocolFamily familyOf(InetAddress address) {
    return address instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }
}
