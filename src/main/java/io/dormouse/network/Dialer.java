package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a transport to where the app wants it: asks where that is, and by which routes, and takes
 * them in turn. On each it has a host looked up, lets its addresses {@linkplain Race race}, and if
 * that host is a proxy, has it open a {@linkplain Tunnel tunnel}. Loop only; look-ups and the app's
 * code run elsewhere.
 */
public final class Dialer implements Connector {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** By so much of its time a proxy is given up before the engine's limit, which can't name it. */
  private static final int MARGIN = 64;

  private final Attempt attempt;
  private final Loop loop;
  private final TransportOptions options;
  private final Consumer<Transport> connected;
  private final Consumer<CloseReason> failed;

  private long deadlineNanos;
  private boolean limitedByEngine; // whose own limit is reached first
  private final List<Route> routes = new ArrayList<>(); // that are not tried yet
  private Loop.@Nullable Timer limit; // for the route that is tried, or for what is asked before
  private boolean over;

  /** What is waited for, to say so if it takes too long. */
  private String awaited = "the supplier of the address has not answered";

  // Of the route that is tried.
  private LookUps.@Nullable Ticket lookUp;
  private @Nullable Race race;
  private @Nullable Transport below; // is connected, and nobody else's yet
  private @Nullable Tunnel tunnel;

  /**
   * Creates one that {@link #dial} lets begin. It calls one of the consumers in the end, unless it
   * is aborted.
   *
   * @param connected takes the transport over, which is not watched
   */
  public Dialer(
      Attempt attempt,
      TransportOptions options,
      Consumer<Transport> connected,
      Consumer<CloseReason> failed) {
    this.attempt = attempt;
    this.loop = attempt.loop();
    this.options = options;
    this.connected = connected;
    this.failed = failed;
  }

  /**
   * Begins.
   *
   * @param timeoutNanos for all that it does together
   * @param endpoint where to
   */
  @Override
  public void dial(long timeoutNanos, Endpoint endpoint) {
    deadlineNanos = loop.nanoTime() + timeoutNanos;
    limitedByEngine = timeoutNanos >= attempt.connectTimeoutNanos();
    if (!limitedByEngine) {
      limit = loop.schedule(timeoutNanos, this::askedTooLong);
    }
    if (endpoint instanceof Endpoint.Known known) {
      chooseRoutes(known.address());
    } else if (endpoint instanceof Endpoint.Asked asked) {
      attempt.ask(asked.supplier(), this::supplied, this::supplierFailed);
    }
  }

  // ------------------------------------------------------------------------- what the app says

  private void askedTooLong() {
    fail(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, awaited));
  }

  private void supplied(@Nullable InetSocketAddress endpoint) {
    Optional<String> problem = Endpoint.problemOf(endpoint);
    if (endpoint == null || problem.isPresent()) {
      fail(
          CloseReason.of(
              CloseReason.Kind.SUPPLIER_FAILED,
              "what the supplier of the address returned can't be dialed: "
                  + problem.orElse("nothing")));
    } else {
      chooseRoutes(endpoint);
    }
  }

  private void supplierFailed(Exception e) {
    fail(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, "the supplier of the address threw", e));
  }

  private void chooseRoutes(InetSocketAddress target) {
    if (over) {
      return;
    }
    Reach reach = attempt.reach();
    if (!reach.proxySelector().isPresent()) {
      begin(target, List.of(Route.DIRECT));
      return;
    }
    awaited = "the proxy selector has not answered";
    attempt.ask(
        new Routes(
            reach.proxySelector().get(), reach.proxyAuthenticator(), attempt.proxyScheme(), target),
        chosen -> begin(target, chosen),
        this::selectorFailed);
  }

  private void selectorFailed(Exception e) {
    fail(
        e instanceof Routes.FailedException routes
            ? routes.reason()
            : CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, "the choice of a proxy failed", e));
  }

  private void begin(InetSocketAddress target, List<Route> chosen) {
    if (!over) {
      routes.addAll(chosen);
      next(target);
    }
  }

  // ------------------------------------------------------------------------------- the routes

  private void next(InetSocketAddress target) {
    Route route = routes.remove(0);
    limitRoute(route, target);
    if (route.isDirect()) {
      connect(route, target, target, null);
      return;
    }
    String host =
        target.isUnresolved() ? target.getHostString() : target.getAddress().getHostAddress();
    ProxyHandshake handshake;
    try {
      handshake = route.handshake(host, target.getPort());
    } catch (ProxyException e) {
      routeFailed(target, e.reason(text(route.proxyAddress())));
      return;
    }
    connect(route, target, route.proxyAddress(), handshake);
  }

  /** Each route has its share of the time that is left. */
  private void limitRoute(Route route, InetSocketAddress target) {
    cancelLimit();
    boolean last = routes.isEmpty();
    if (last && limitedByEngine && route.isDirect()) {
      return;
    }
    long left = deadlineNanos - loop.nanoTime();
    long share = last && limitedByEngine ? left - left / MARGIN : left / (routes.size() + 1);
    limit = loop.schedule(share, () -> routeTookTooLong(route, target));
  }

  private void routeTookTooLong(Route route, InetSocketAddress target) {
    InetSocketAddress last = race == null ? null : race.lastTried();
    String what = awaited;
    if (tunnel != null) {
      what = "the proxy " + text(route.proxyAddress()) + " has not answered";
    } else if (last != null) {
      what = "no answer from " + who(route) + text(last);
      proxyNotReached(route, new SocketTimeoutException(what));
    }
    routeFailed(target, CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, what));
  }

  private static String who(Route route) {
    return route.isDirect() ? "" : "the proxy ";
  }

  private void routeFailed(InetSocketAddress target, CloseReason reason) {
    if (over) {
      return;
    } else if (routes.isEmpty()) {
      fail(reason);
      return;
    }
    log.debug("{}: {}; there is another way to try", attempt.connectionName(), reason);
    leaveRoute();
    next(target);
  }

  /** Connects to the host, or to the proxy that is to connect to it. */
  private void connect(
      Route route,
      InetSocketAddress target,
      InetSocketAddress to,
      @Nullable ProxyHandshake handshake) {
    Race begun = new Race(attempt, options, to.getPort(), new Racing(route, target, handshake));
    race = begun;
    String host = to.getHostString();
    Optional<InetAddress> known =
        to.isUnresolved() ? Ipv4.parse(host) : Optional.of(to.getAddress());
    if (known.isPresent()) {
      begun.found(List.of(known.get()), true);
    } else {
      awaited = "the look-up of " + who(route) + host + " has not ended";
      lookUp = attempt.resolve(host, new LookingUp(route, target, host, begun));
    }
  }

  /** What the look-up tells. */
  private final class LookingUp implements LookUps.Listener {
    private final Route route;
    private final InetSocketAddress target;
    private final String host;
    private final Race begun;

    LookingUp(Route route, InetSocketAddress target, String host, Race begun) {
      this.route = route;
      this.target = target;
      this.host = host;
      this.begun = begun;
    }

    @Override
    public void found(List<InetAddress> addresses, boolean last) {
      begun.found(addresses, last);
    }

    @Override
    public void failed(Exception why) {
      proxyNotReached(route, why);
      routeFailed(target, attempt.lookUpFailed(who(route) + host, why));
    }
  }

  /** What the race tells. */
  private final class Racing implements Race.Listener {
    private final Route route;
    private final InetSocketAddress target;
    private final @Nullable ProxyHandshake handshake;

    Racing(Route route, InetSocketAddress target, @Nullable ProxyHandshake handshake) {
      this.route = route;
      this.target = target;
      this.handshake = handshake;
    }

    @Override
    public void connected(Transport transport, InetSocketAddress address) {
      below = transport;
      race = null;
      attempt.reached(address);
      if (handshake == null) {
        handOver(transport);
        return;
      }
      Tunnel begun =
          new Tunnel(
              transport,
              handshake,
              () -> handOver(transport),
              e -> routeFailed(target, e.reason(text(route.proxyAddress()))));
      tunnel = begun;
      begun.begin(loop);
    }

    @Override
    public void lost(InetSocketAddress last, Exception why) {
      proxyNotReached(route, why);
      CloseReason.Kind kind =
          why instanceof NoRoomException
              ? CloseReason.Kind.RESOURCE_EXHAUSTED
              : CloseReason.Kind.CONNECT_FAILED;
      String what = "connect to " + who(route) + text(last) + ": " + words(why);
      routeFailed(target, CloseReason.of(kind, what, why));
    }
  }

  /** Tells the app's selector, which may choose another proxy next time. */
  private void proxyNotReached(Route route, Exception why) {
    ProxySelector selector = attempt.reach().proxySelector().orElse(null);
    if (selector != null && route.asked() != null && !over) {
      IOException cause = why instanceof IOException io ? io : new IOException(why);
      attempt.report(
          () -> {
            try {
              selector.connectFailed(route.asked(), route.proxy().address(), cause);
            } catch (Throwable e) { // it is the app's
              log.debug("{}: the proxy selector threw {}", attempt.connectionName(), e.getClass());
            }
          });
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String words(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  // ---------------------------------------------------------------------------------- the end

  /**
   * From then on it is the stream's, which watches it with a handler of its own. If that throws
   * before it has it, such as for lack of memory, {@link #abort()} still closes it.
   */
  private void handOver(Transport transport) {
    over = true;
    cancelLimit();
    stopTrying();
    connected.accept(transport);
    below = null;
  }

  private void fail(CloseReason reason) {
    if (!over) {
      stop();
      failed.accept(reason);
    }
  }

  /** Gives back what is being connected, and says nothing more. */
  @Override
  public void abort() {
    stop();
  }

  private void stop() {
    over = true;
    cancelLimit();
    leaveRoute();
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  private void leaveRoute() {
    stopTrying();
    if (below != null) {
      Channels.close(attempt.connectionName(), below);
      below = null;
    }
  }

  private void stopTrying() {
    if (lookUp != null) {
      lookUp.leave();
      lookUp = null;
    }
    if (race != null) {
      race.abort();
      race = null;
    }
    if (tunnel != null) {
      tunnel.abort();
      tunnel = null;
    }
  }

  /** Returns how many sockets are being connected. */
  @Override
  public int openSockets() {
    Transport carrying = below;
    if (carrying != null) {
      return carrying.isOpen() ? 1 : 0;
    }
    return race == null ? 0 : race.openSockets();
  }
}
