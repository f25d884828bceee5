package io.dormouse.check;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Checks of arguments. {@code who} is the connection or task that the argument is for, and begins
 * the message.
 */
public final class Check {
  /** Longer than any time that is meant, and far from where nanoseconds overflow. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private Check() {}

  /** An argument that is there: callers may be compiled without a check for null. */
  public static <T> T given(String who, String what, T argument) {
    if (argument == null) {
      throw new NullPointerException(who + ": " + what + " is null");
    }
    return argument;
  }

  /** A name that people can tell from others: not blank, and without line breaks. */
  public static String name(String what, String name) {
    if (name == null) {
      throw new NullPointerException(what + " is null");
    }
    if (name.trim().isEmpty()) {
      throw new IllegalArgumentException(what + " is blank; give one that tells it from others");
    }
    if (hasLineBreak(name)) {
      throw new IllegalArgumentException(what + " has a line break");
    }
    return name;
  }

  /** A duration above zero and at most 365 days. */
  public static Duration positive(String who, String what, Duration duration) {
    given(who, what, duration);
    if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be above zero and at most 365 days, not " + duration);
    }
    return duration;
  }

  /** A duration from zero to 365 days. */
  public static Duration notNegative(String who, String what, Duration duration) {
    given(who, what, duration);
    if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be from zero to 365 days, not " + duration);
    }
    return duration;
  }

  /** A duration within bounds, both included. */
  public static Duration between(
      String who, String what, Duration low, Duration high, Duration duration) {
    given(who, what, duration);
    if (duration.compareTo(low) < 0 || duration.compareTo(high) > 0) {
      throw new IllegalArgumentException(
          who
              + ": "
              + what
              + " must be from "
              + low.toMillis()
              + " ms to "
              + high.toMillis()
              + " ms, not "
              + duration);
    }
    return duration;
  }

  /** A number within bounds, both included. */
  public static int within(String who, String what, int low, int high, int number) {
    if (number < low || number > high) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be from " + low + " to " + high + ", not " + number);
    }
    return number;
  }

  /** A port that can be connected or bound to by number. */
  public static int port(String who, int port) {
    return within(who, "port", 1, 65_535, port);
  }

  /**
   * A host: a name, or an IPv4 or IPv6 address. Returns it without the brackets that an IPv6
   * address may stand in. The message does not quote it, since it may be a URL with a password.
   */
  public static String host(String who, String host) {
    given(who, "host", host);
    Optional<String> problem = hostProblem(host);
    if (problem.isPresent()) {
      throw new IllegalArgumentException(who + ": " + problem.get());
    }
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** What is wrong with a host and what would be right; empty if it can be one. */
  public static Optional<String> hostProblem(String host) {
    return HostSyntax.problem(host)
        .map(
            problem ->
                "the host "
                    + problem
                    + "; give the host alone, such as telemetry.example.com, 192.0.2.1 or"
                    + " 2001:db8::1, and the port apart from it");
  }

  /** An address to bind to: one of this system's, so not a name that is still to be looked up. */
  public static InetSocketAddress localAddress(String who, InetSocketAddress address) {
    given(who, "localAddress", address);
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(
          who + ": bind needs an address of this system, such as 127.0.0.1, and not a name");
    }
    return address;
  }

  /** Whether a text has nothing but ASCII in it. A loop, as in {@link HostSyntax}. */
  public static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** Whether a text would break out of its line in a protocol or a log. */
  public static boolean hasLineBreak(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
