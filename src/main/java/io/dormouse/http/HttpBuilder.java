package io.dormouse.http;

import io.dormouse.check.Check;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.engine.Engine;
import io.dormouse.engine.LinkOptions;
import java.net.Proxy;
import java.time.Duration;
import java.util.Optional;
import javax.net.SocketFactory;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link HttpConnection}. What is not said here, such as timeouts, TLS, interceptors and
 * the cache, is said of the {@link #client client} it is derived from. Used by one thread, and
 * once.
 */
public final class HttpBuilder extends ConnectionBuilder<HttpBuilder> {
  /** HTTP is up at once: sockets are made by the calls, with the client's own connect timeout. */
  private static final Duration NEVER_REACHED = Duration.ofSeconds(10);

  private final Engine engine;
  private @Nullable OkHttpClient base;
  private InFlight inFlight = InFlight.DRAIN;
  private WhileSuspended whileSuspended = WhileSuspended.failFast();
  private int idleSockets = 5;
  private Duration idleAtMost = Duration.ofMinutes(5);

  /**
   * Apps get their builders from the registry's method {@code http}.
   *
   * @param host what only the registry has
   * @param name unique in the registry; not blank, no line break
   * @throws IllegalArgumentException if it is anything else, or the name is blank or has a line
   *     break
   * @throws IllegalStateException if the registry is closed
   */
  public HttpBuilder(ConnectionHost host, String name) {
    super(name);
    engine = Engine.of(host, "http", name);
  }

  @Override
  protected HttpBuilder self() {
    return this;
  }

  /**
   * The client to derive from. It stays as it is, and goes on for itself: the derived client shares
   * its settings, cache, cookies and the threads of its dispatcher, but has a connection pool, a
   * socket factory (which asks the given one) and a queue of calls of its own. If this method is
   * not invoked, a client with OkHttp's defaults and daemon threads of its own.
   *
   * <p>A SOCKS proxy is not supported, since OkHttp makes its sockets itself: {@link #register()}
   * refuses a client that has one, and a call for which a {@code ProxySelector} chooses one fails.
   *
   * @param base the app's own, and not that of another connection
   * @return this builder
   */
  public HttpBuilder client(OkHttpClient base) {
    this.base = Check.given(name(), "client", base);
    return this;
  }

  /**
   * What becomes of calls in flight when the app goes to the background, or pauses or closes the
   * connection. A tag of this type on a request says otherwise for a single call. If this method is
   * not invoked, {@link InFlight#DRAIN}.
   *
   * <p>The suspend waits only as long as there is something to save. A call that has sent nothing
   * yet, and has no socket to send it on, fails at once, or waits for the foreground if {@linkplain
   * #whileSuspended it may}. A response from which the app has not read for the registry's close
   * timeout (1 s) is not waited for; one that the app is reading from is.
   *
   * @param policy to let them finish within the suspend budget, or to cut them off
   * @return this builder
   */
  public HttpBuilder inFlight(InFlight policy) {
    this.inFlight = Check.given(name(), "policy", policy);
    return this;
  }

  /**
   * What calls do that begin while the connection is asleep. If this method is not invoked, {@link
   * WhileSuspended#failFast()}.
   *
   * @param policy to fail at once, or to wait
   * @return this builder
   */
  public HttpBuilder whileSuspended(WhileSuspended policy) {
    this.whileSuspended = Check.given(name(), "policy", policy);
    return this;
  }

  /**
   * What the connection pool keeps for the next call. If this method is not invoked, OkHttp's 5
   * sockets for 5 minutes, also if the pool of the given client is set otherwise: a pool does not
   * tell its settings.
   *
   * @param idleSockets how many sockets without a call; not negative
   * @param keepAlive for how long each; positive
   * @return this builder
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public HttpBuilder connectionPool(int idleSockets, Duration keepAlive) {
    this.idleSockets =
        Check.within(name(), "connectionPool's idleSockets", 0, Integer.MAX_VALUE, idleSockets);
    idleAtMost = Check.positive(name(), "connectionPool's keepAlive", keepAlive);
    return this;
  }

  /**
   * Registers the connection, which is open as soon as the app is in the foreground. Does no I/O.
   *
   * @return the connection, which lives until it or the registry is closed
   * @throws IllegalArgumentException if the name is taken, or the client can't be derived from: it
   *     has a SOCKS proxy, or is itself a connection's client
   * @throws IllegalStateException if the registry is closed
   */
  public HttpConnection register() {
    if (base != null) {
      check(base);
    }
    SocketFactory sockets = base == null ? SocketFactory.getDefault() : base.socketFactory();
    Optional<String> problem = engine.environment().network().problemOf(sockets);
    if (problem.isPresent()) {
      throw new IllegalArgumentException(name() + ": " + problem.get());
    }
    LinkOptions link =
        new LinkOptions(
            name(),
            ConnectionKind.HTTP,
            priority(),
            NEVER_REACHED,
            NEVER_REACHED,
            retryPolicy().orElse(engine.environment().settings().retryPolicy()),
            engine.environment().settings().reach().withDns(dnsOfCalls()));
    HttpOptions options =
        new HttpOptions(base, inFlight, whileSuspended.waitAtMost(), idleSockets, idleAtMost);
    HttpHandle handle = new HttpHandle(engine, link, options);
    listeners().forEach(handle::addListener);
    return engine.register(handle);
  }

  /** This connection's, or else the client's own, or else the registry's. */
  private Optional<Dns> dnsOfCalls() {
    Dns ofClient = base == null ? Dns.SYSTEM : base.dns();
    return dns().isPresent() || ofClient == Dns.SYSTEM ? dns() : Optional.of(ofClient);
  }

  private void check(OkHttpClient client) {
    Proxy proxy = client.proxy();
    if (proxy != null && proxy.type() == Proxy.Type.SOCKS) {
      throw new IllegalArgumentException(
          name()
              + ": the client has a SOCKS proxy, whose sockets OkHttp makes itself, so they could"
              + " not be closed in the background; use an HTTP proxy or none");
    }
    if (client.interceptors().stream().anyMatch(EntryInterceptor.class::isInstance)) {
      throw new IllegalArgumentException(
          name()
              + ": the client is that of another connection, and would sleep and wake with both;"
              + " derive from the app's own client");
    }
  }
}
