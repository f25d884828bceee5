package io.dormouse.websocket;

import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Where the request of a handshake comes from. */
sealed interface RequestSource {
  /** Said when the connection was registered. */
  record Known(Request request) implements RequestSource {}

  /**
   * Asked of the app for each attempt, off the loop, since its code may block.
   *
   * @param url where to
   * @param fixed headers, whose names know no case
   * @param fresh headers, which replace fixed ones of the same name
   */
  record Asked(Supplier<URI> url, Map<String, String> fixed, Supplier<Map<String, String>> fresh)
      implements RequestSource {
    /**
     * Asks. What a supplier throws is not caught.
     *
     * @throws UnusableException if they gave what makes no request
     */
    Request ask(String who) throws UnusableException {
      URI givenUrl = url.get();
      Map<String, String> givenHeaders = fresh.get();
      try {
        // By name without case (RFC 9110, section 5.1), so that the fresh ones do replace the
        // fixed.
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(fixed);
        all.putAll(Objects.requireNonNull(givenHeaders, "no headers"));
        return Request.checked(who, Objects.requireNonNull(givenUrl, "no URL"), all);
      } catch (IllegalArgumentException | NullPointerException e) {
        throw new UnusableException(who, e);
      }
    }
  }

  /** What the app's suppliers gave can't be used; the message says why, and quotes none of it. */
  final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String who, RuntimeException why) {
      super("what the supplier gave can't be used: " + withoutName(who + ": ", why), why);
    }

    private static String withoutName(String name, RuntimeException why) {
      String text = String.valueOf(why.getMessage());
      return text.startsWith(name) ? text.substring(name.length()) : text;
    }
  }
}
