package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ProxyAuthenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Asks the app by which ways a host is to be reached. Off the loop, since it may block. */
final class Routes implements Callable<List<Route>> {
  private final ProxySelector selector;
  private final Optional<ProxyAuthenticator> authenticator;
  private final String scheme;
  private final InetSocketAddress target;

  /**
   * Creates one that asks nobody yet.
   *
   * @param scheme of what is to be spoken, as selectors know it
   */
  Routes(
      ProxySelector selector,
      Optional<ProxyAuthenticator> authenticator,
      String scheme,
      InetSocketAddress target) {
    this.selector = selector;
    this.authenticator = authenticator;
    this.scheme = scheme;
    this.target = target;
  }

  /**
   * Returns them in the order in which they are to be tried; at least one.
   *
   * @throws FailedException if the app fails
   */
  @Override
  public List<Route> call() throws FailedException {
    URI asked = uri();
    List<Proxy> proxies;
    try {
      proxies = selector.select(asked);
    } catch (RuntimeException e) {
      throw new FailedException("the proxy selector threw " + e.getClass().getName(), e);
    }
    if (proxies == null || proxies.isEmpty()) { // what OkHttp takes for straight, too
      return List.of(Route.DIRECT);
    }
    List<Route> routes = new ArrayList<>();
    for (Proxy proxy : proxies) {
      routes.add(route(proxy, asked));
    }
    return routes;
  }

  /** Without path and query, which may hold secrets. */
  private URI uri() throws FailedException {
    String host = target.getHostString();
    String bare = host.indexOf('%') < 0 ? host : host.substring(0, host.indexOf('%'));
    String authority = (bare.indexOf(':') < 0 ? bare : "[" + bare + "]") + ":" + target.getPort();
    try {
      return new URI(scheme, authority, null, null, null);
    } catch (URISyntaxException e) {
      throw new FailedException("no proxy selector can be asked of this host", e);
    }
  }

  private Route route(Proxy proxy, URI asked) throws FailedException {
    if (proxy == null) {
      throw new FailedException("the proxy selector gave null in place of a proxy", null);
    } else if (proxy.type() == Proxy.Type.DIRECT) {
      return Route.DIRECT;
    }
    Optional<String> problem =
        proxy.address() instanceof InetSocketAddress address
            ? Endpoint.problemOf(address)
            : Optional.of("no internet address");
    if (problem.isPresent()) {
      throw new FailedException(
          "the proxy selector gave a proxy that can't be dialed: " + problem.get(), null);
    }
    return new Route(proxy, credentials(proxy), asked);
  }

  private @Nullable Credentials credentials(Proxy proxy) throws FailedException {
    if (!authenticator.isPresent()) {
      return null;
    }
    try {
      PasswordAuthentication given = authenticator.get().authenticate(proxy);
      return given == null ? null : Credentials.of(given);
    } catch (Exception e) {
      throw new FailedException("the proxy authenticator threw " + e.getClass().getName(), e);
    }
  }

  /** The app could not say how to get there; the message quotes nothing of what it said. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message, @Nullable Exception cause) {
      super(message, cause);
    }

    CloseReason reason() {
      CloseReason.Kind kind = CloseReason.Kind.SUPPLIER_FAILED;
      String what = String.valueOf(getMessage());
      return getCause() == null
          ? CloseReason.of(kind, what)
          : CloseReason.of(kind, what, getCause());
    }
  }
}
