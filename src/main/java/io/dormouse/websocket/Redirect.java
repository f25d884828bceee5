package io.dormouse.websocket;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a server sends a handshake instead (RFC 9110, section 15.4), and what is asked for there.
 *
 * <p>To another scheme, host or port go only headers that can't be credentials: any header of the
 * app's own may be a token. And once they are gone they do not come back.
 */
final class Redirect {
  private static final Set<String> HARMLESS = Set.of("accept-language", "origin", "user-agent");

  private Redirect() {}

  /** Returns whether a status is one, with a request that stays a GET. */
  static boolean isOne(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /**
   * Returns what to ask for where the server says.
   *
   * @param location the header, which may be relative to the URL that was asked for
   * @throws IllegalArgumentException if it must not be followed; the message says why, and quotes
   *     nothing of it
   */
  static Request follow(String who, Request from, String location) {
    URI url = webSocketUrl(who, from.url(), location);
    Request same = Request.checked(who, url, from.headers());
    if (from.secure() && !same.secure()) {
      throw new IllegalArgumentException(who + ": from wss to ws, which is not encrypted");
    }
    boolean sameOrigin =
        same.secure() == from.secure()
            && same.host().toLowerCase(Locale.ROOT).equals(from.host().toLowerCase(Locale.ROOT));
    return sameOrigin ? same : Request.checked(who, url, harmless(from.headers()));
  }

  private static Map<String, List<String>> harmless(Map<String, List<String>> headers) {
    Map<String, List<String>> kept = new TreeMap<>(headers);
    kept.keySet().removeIf(name -> !HARMLESS.contains(name.toLowerCase(Locale.ROOT)));
    return kept;
  }

  private static URI webSocketUrl(String who, URI from, String location) {
    try {
      URI url = resolved(from, location);
      String text = url.toString();
      int fragment = text.indexOf('#');
      String whole = fragment < 0 ? text : text.substring(0, fragment);
      return switch (String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT)) {
        case "http" -> URI.create("ws" + whole.substring("http".length()));
        case "https" -> URI.create("wss" + whole.substring("https".length()));
        default -> URI.create(whole);
      };
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message quotes the URL: that may hold a secret.
      throw new IllegalArgumentException(who + ": to what is no URL");
    }
  }

  /**
   * Unlike RFC 3986, section 5.2.2, {@link URI#resolve} drops the last segment for a mere query.
   */
  private static URI resolved(URI from, String location) {
    if (!location.startsWith("?")) {
      return from.resolve(URI.create(location));
    }
    String base = from.toString();
    int query = base.indexOf('?');
    return URI.create((query < 0 ? base : base.substring(0, query)) + location);
  }
}
