package io.dormouse.websocket;

import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;

/** Where the request of a handshake comes from. */
sealed interface RequestSource {
  /** Said when the connection was registered. */
  record Known(Request request) implements RequestSource {}

  /** Asked of the app for each attempt, off the loop, since its code may block. */
  record Asked(Supplier<URI> url, Supplier<Map<String, String>> headers) implements RequestSource {
    Request ask(String who) {
      return Request.checked(who, url.get(), headers.get());
    }
  }
}
