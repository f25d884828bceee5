package io.dormouse.check;

import java.time.Duration;
import java.util.Objects;

/**
 * Checks of arguments. {@code who} is the connection or task that the argument is for, and begins
 * the message.
 */
public final class Check {
  /** Longer than any time that is meant, and far from where nanoseconds overflow. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private Check() {}

  /** A name that people can tell from others: not blank, and without line breaks. */
  public static String name(String what, String name) {
    Objects.requireNonNull(name, what);
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
    Objects.requireNonNull(duration, what);
    if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be above zero and at most 365 days, not " + duration);
    }
    return duration;
  }

  /** A duration from zero to 365 days. */
  public static Duration notNegative(String who, String what, Duration duration) {
    Objects.requireNonNull(duration, what);
    if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          who + ": " + what + " must be from zero to 365 days, not " + duration);
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

  /** A host name or address literal: not blank, no white space, no URL. */
  public static String host(String who, String host) {
    Objects.requireNonNull(host, "host");
    boolean usable =
        !host.isEmpty()
            && host.chars().noneMatch(c -> Character.isWhitespace(c) || c == '/' || c == '@');
    if (!usable) {
      throw new IllegalArgumentException(
          who + ": host must be a host name or an address, such as telemetry.example.com");
    }
    return host;
  }

  /** Whether a text would break out of its line in a protocol or a log. */
  public static boolean hasLineBreak(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
