package io.dormouse.websocket;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** Where the request of each handshake comes from. */
sealed interface RequestSource {
  /** Returns the URL; empty if a supplier gives it. */
  Optional<URI> knownUrl();

  /** Configured when the connection was registered. */
  record Known(Request request, URI url) implements RequestSource {
    @Override
    public Optional<URI> knownUrl() {
      return Optional.of(url);
    }

    /** Does not show the URL, which may hold secrets. */
    @Override
    public String toString() {
      return request.toString();
    }
  }

  /**
   * The app's suppliers, called for each attempt, off the loop, since they may block.
   *
   * @param knownUrl the URL, if no supplier gives it
   * @param url gives the URL
   * @param fixed headers for each attempt
   * @param fresh gives headers, which replace fixed ones of the same name
   */
  record Asked(
      Optional<URI> knownUrl,
      Callable<URI> url,
      Map<String, List<String>> fixed,
      Callable<Map<String, List<String>>> fresh)
      implements RequestSource {
    /**
     * Calls the suppliers. What they throw is not caught.
     *
     * @throws UnusableException if no request can be made of what they gave
     */
    Request ask(String who) throws Exception {
      URI givenUrl = url.call();
      Map<String, List<String>> givenHeaders = fresh.call();
      try {
        // Names are case-insensitive (RFC 9110, section 5.1).
        Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
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
