package io.dormouse.stream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IPv4 addresses in dotted decimal. What is one needs no look-up; the platform's own parser can't
 * be asked, since it looks up what it can't read.
 */
final class Ipv4 {
  private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern DOTTED =
      Pattern.compile(BYTE + "\\." + BYTE + "\\." + BYTE + "\\." + BYTE);

  private Ipv4() {}

  /** Returns the address that a host is; empty if it is a name, or an address of another form. */
  static Optional<InetAddress> parse(String host) {
    Matcher dotted = DOTTED.matcher(host);
    if (!dotted.matches()) {
      return Optional.empty();
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(dotted.group(i + 1));
    }
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
