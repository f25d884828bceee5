package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.network.Endpoint;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where one generation connects to, and what it asks for there. */
final class Target {
  private final String who;
  private final RequestSource source;

  // Set by the thread that asks the app, before the loop goes on.
  private @Nullable Request asked;
  private RequestSource.@Nullable UnusableException unusable;

  private @Nullable Request redirected; // what the server has sent us to

  /**
   * Creates a target.
   *
   * @param who the connection's name, for messages
   */
  Target(String who, RequestSource source) {
    this.who = who;
    this.source = source;
  }

  /** Returns where to connect. */
  Endpoint endpoint() {
    Request elsewhere = redirected;
    if (elsewhere != null) {
      return new Endpoint.Known(elsewhere.endpoint());
    }
    return source instanceof RequestSource.Asked app
        ? new Endpoint.Asked(() -> ask(app))
        : new Endpoint.Known(request().endpoint());
  }

  private InetSocketAddress ask(RequestSource.Asked app) throws Exception {
    try {
      Request request = app.ask(who);
      asked = request;
      return request.endpoint();
    } catch (RequestSource.UnusableException e) {
      unusable = e;
      throw e;
    }
  }

  /**
   * From now on it is where the server says.
   *
   * @return why that is not followed; empty if it is
   */
  Optional<String> redirect(String location) {
    try {
      redirected = Redirect.follow(who, request(), location);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage()).substring((who + ": ").length());
      return Optional.of("a redirect that is not followed: " + why);
    }
  }

  /** Returns what to ask for, which is known as soon as the socket is connected. */
  Request request() {
    if (redirected != null) {
      return redirected;
    }
    Request request = source instanceof RequestSource.Known known ? known.request() : asked;
    if (request == null) {
      throw new IllegalStateException("connected before the app was asked where to");
    }
    return request;
  }

  /** Returns why connecting failed, with what was wrong with what the app gave, if that was it. */
  CloseReason explained(CloseReason reason) {
    RequestSource.UnusableException given = unusable;
    return given != null && reason.kind() == CloseReason.Kind.SUPPLIER_FAILED
        ? CloseReason.of(reason.kind(), String.valueOf(given.getMessage()), given)
        : reason;
  }
}
