package io.dormouse.network;

import io.dormouse.connection.ProxyAuthenticator;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.Optional;
import okhttp3.Dns;

/**
 * How hosts are found and reached.
 *
 * @param dns looks names up; empty for the system's resolver
 * @param attemptDelay how long the attempt to connect to one address has, until one to the next
 *     begins beside it
 * @param proxySelector says which proxies to use; empty for none
 * @param proxyAuthenticator says who the app is to a proxy; empty for nobody
 */
public record Reach(
    Optional<Dns> dns,
    Duration attemptDelay,
    Optional<ProxySelector> proxySelector,
    Optional<ProxyAuthenticator> proxyAuthenticator) {
  /** What RFC 8305, section 5, recommends. */
  public static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

  /** Below this, attempts would be as good as simultaneous (RFC 8305, section 5: MUST NOT). */
  public static final Duration SHORTEST_ATTEMPT_DELAY = Duration.ofMillis(10);

  /** From RFC 8305, section 5, too. */
  public static final Duration LONGEST_ATTEMPT_DELAY = Duration.ofSeconds(2);

  /** Returns what holds if nothing is said. */
  public static Reach standard() {
    return new Reach(Optional.empty(), ATTEMPT_DELAY, Optional.empty(), Optional.empty());
  }

  /** Returns the same with the resolver that one connection brings. */
  public Reach withDns(Optional<Dns> ofConnection) {
    return new Reach(
        ofConnection.isPresent() ? ofConnection : dns,
        attemptDelay,
        proxySelector,
        proxyAuthenticator);
  }

  /** Returns the same with what one connection says of proxies. */
  public Reach withProxies(
      Optional<ProxySelector> ofConnection, Optional<ProxyAuthenticator> itsAuthenticator) {
    return new Reach(
        dns,
        attemptDelay,
        ofConnection.isPresent() ? ofConnection : proxySelector,
        itsAuthenticator.isPresent() ? itsAuthenticator : proxyAuthenticator);
  }
}
