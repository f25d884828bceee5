package io.dormouse.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * IPv4 addresses in dotted decimal. What is one needs no look-up; the platform's own parser can't
 * be asked, since it looks up what it can't read. No regular expression: the first one in a process
 * takes some 10 ms, and this runs when an app comes to the front.
 */
public final class Ipv4 {
  private Ipv4() {}

  /** Returns the address that a host is; empty if it is a name, or an address of another form. */
  public static Optional<InetAddress> parse(String host) {
    byte[] bytes = new byte[4];
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      int dot = i < bytes.length - 1 ? host.indexOf('.', from) : host.length();
      int number = dot < 0 ? -1 : number(host, from, dot);
      if (number < 0) {
        return Optional.empty();
      }
      bytes[i] = (byte) number;
      from = dot + 1;
    }
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /** From 0 to 255, in decimal without leading zeros, which some read as octal; -1 otherwise. */
  private static int number(String text, int from, int to) {
    int digits = to - from;
    if (digits < 1 || digits > 3 || (digits > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number <= 255 ? number : -1;
  }
}
