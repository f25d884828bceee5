package io.dormouse.check;

import java.util.Optional;

/**
 * The forms that a host can have: a name, an IPv4 address, an IPv6 address. Nothing is looked up.
 *
 * <p>A resolver would say of most mistakes that there is no such host, and a retry policy would
 * then try for ever: so what can't be a host is told apart from a host that isn't there now.
 *
 * <p>Characters are looked at in plain loops: each check with a stream has the JVM load and make
 * classes, and an app's start waits for them.
 */
final class HostSyntax {
  /** RFC 1035, section 2.3.4; 255 with the length octets and the root. */
  private static final int LONGEST_NAME = 253;

  private static final int LONGEST_LABEL = 63;
  private static final int IPV6_GROUPS = 8;

  private HostSyntax() {}

  /** Returns what is wrong with a host, to follow "the host "; empty if it has a right form. */
  static Optional<String> problem(String host) {
    if (host.isEmpty()) {
      return Optional.of("is empty");
    } else if (hasInvisible(host)) {
      return Optional.of("has a space or another invisible character in it");
    } else if (host.contains("://")) {
      return Optional.of("has a scheme in it");
    } else if (host.indexOf('@') >= 0) {
      return Optional.of("has user info in it");
    } else if (hasPath(host)) {
      return Optional.of("has a path in it");
    }
    return host.startsWith("[") ? ofBrackets(host) : ofBare(host);
  }

  private static boolean hasInvisible(String host) {
    for (int i = 0; i < host.length(); i++) {
      if (isInvisible(host.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasPath(String host) {
    for (int i = 0; i < host.length(); i++) {
      if ("/\\?#".indexOf(host.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Also what is copied along with a name from a web page, such as a zero-width space. */
  private static boolean isInvisible(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT;
  }

  private static Optional<String> ofBrackets(String host) {
    int end = host.indexOf(']');
    if (end >= 0 && host.startsWith(":", end + 1)) {
      return Optional.of("has a port in it");
    } else if (end != host.length() - 1 || !isIpv6(host.substring(1, end))) {
      return Optional.of("has brackets, but not around an IPv6 address");
    }
    return Optional.empty();
  }

  private static Optional<String> ofBare(String host) {
    int colon = host.indexOf(':');
    if (colon >= 0 && colon == host.lastIndexOf(':')) {
      return Optional.of("has a port in it");
    } else if (colon >= 0) {
      return isIpv6(host) ? Optional.empty() : Optional.of("has colons, but is no IPv6 address");
    } else if (!hasNameCharactersOnly(host)) {
      return Optional.of("has a character in it that no host name has");
    }
    return ofName(host);
  }

  /** What is not ASCII may be part of a name. */
  private static boolean hasNameCharactersOnly(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c < 0x80 && !isNameCharacter(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNameCharacter(int c) {
    return isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
  }

  private static boolean isLetterOrDigit(int c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** Whether a text has the digits 0 to 9 and nothing else, or nothing at all. */
  static boolean hasDigitsOnly(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static Optional<String> ofName(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host; // the root
    String[] labels = name.split("\\.", -1);
    for (String label : labels) {
      if (label.isEmpty()) {
        return Optional.of("has a dot too many in it");
      } else if (label.length() > LONGEST_LABEL) {
        return Optional.of("has a label of more than 63 characters in it");
      }
    }
    if (name.length() > LONGEST_NAME) {
      return Optional.of("has more than 253 characters");
    }
    // No top-level domain is a number, so this would never be found.
    boolean numeric = hasDigitsOnly(labels[labels.length - 1]);
    return numeric && !isIpv4(labels)
        ? Optional.of("looks like an IPv4 address, but is none")
        : Optional.empty();
  }

  /**
   * Whether these are the parts of an IPv4 address: four of one byte each, or fewer, whose last one
   * fills the bytes that are left, as {@link java.net.InetAddress#getByName} takes it.
   */
  private static boolean isIpv4(String[] parts) {
    boolean fits = parts.length <= 4;
    for (int i = 0; i < parts.length && fits; i++) {
      int bytes = i == parts.length - 1 ? 5 - parts.length : 1;
      fits =
          parts[i].length() <= 10
              && hasDigitsOnly(parts[i])
              && Long.parseLong(parts[i]) < 1L << (8 * bytes);
    }
    return fits;
  }

  /** RFC 4291, section 2.2, with a zone id after a percent sign (RFC 4007, section 11). */
  private static boolean isIpv6(String text) {
    int percent = text.indexOf('%');
    if (percent >= 0) {
      boolean named = text.length() > percent + 1 && text.indexOf('%', percent + 1) < 0;
      return named && isIpv6(text.substring(0, percent));
    }
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true) == IPV6_GROUPS;
    }
    String before = text.substring(0, gap);
    String after = text.substring(gap + 2);
    int left = before.isEmpty() ? 0 : groups(before, false);
    int right = after.isEmpty() ? 0 : groups(after, true);
    return left >= 0 && right >= 0 && left + right < IPV6_GROUPS;
  }

  /** Counts groups of 16 bits; -1 if something there is none. */
  private static int groups(String text, boolean mayEndInIpv4) {
    String[] parts = text.split(":", -1);
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (part.indexOf('.') >= 0) {
        String[] octets = part.split("\\.", -1);
        boolean allowed = mayEndInIpv4 && i == parts.length - 1 && octets.length == 4;
        if (!allowed || !isIpv4(octets)) {
          return -1;
        }
        count += 2;
      } else if (part.matches("[0-9A-Fa-f]{1,4}")) {
        count++;
      } else {
        return -1;
      }
    }
    return count;
  }
}
