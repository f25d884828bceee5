package io.dormouse.check;

import java.net.URI;
import java.util.OptionalInt;

/**
 * Where a URL leads.
 *
 * @param host without brackets
 * @param port empty if the URL has none
 */
public record HostAndPort(String host, OptionalInt port) {
  /**
   * Reads the authority of a URL without user info. {@link URI#getHost()} does not do: it knows no
   * name with an underscore, as some private networks have.
   *
   * @throws IllegalArgumentException if it has no host, or one that can't be one, or no such port
   */
  public static HostAndPort of(String who, URI url) {
    String authority = url.getRawAuthority();
    if (authority == null || authority.isEmpty() || authority.startsWith(":")) {
      throw new IllegalArgumentException(
          who + ": the URL has no host; it looks like ws://chat.example.com/v1");
    }
    int colon = authority.indexOf(':', authority.lastIndexOf(']') + 1);
    String host = colon < 0 ? authority : authority.substring(0, colon);
    String port = colon < 0 ? "" : authority.substring(colon + 1);
    return new HostAndPort(
        Check.host(who, host),
        port.isEmpty() ? OptionalInt.empty() : OptionalInt.of(port(who, port)));
  }

  private static int port(String who, String text) {
    if (!HostSyntax.hasDigitsOnly(text) || text.length() > 9) {
      throw new IllegalArgumentException(who + ": the URL's port must be a number from 1 to 65535");
    }
    return Check.port(who, Integer.parseInt(text));
  }
}
