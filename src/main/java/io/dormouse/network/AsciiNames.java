package io.dormouse.network;

import io.dormouse.check.Check;
import java.net.IDN;
import java.util.Optional;

/**
 * Names of hosts as they are sent: to name servers and proxies, and in TLS (RFC 5890, section
 * 2.3.2.1).
 */
public final class AsciiNames {
  private AsciiNames() {}

  /** Returns a host in ASCII, as it is if it is so already; empty if it has no such form. */
  public static Optional<String> of(String host) {
    try {
      return Optional.of(Check.isAscii(host) ? host : IDN.toASCII(host, IDN.ALLOW_UNASSIGNED));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
