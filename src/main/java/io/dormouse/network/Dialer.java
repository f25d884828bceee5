package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks a host up and tries its addresses, one after the other, each for its share of the time.
 * Loop only; look-up and supplier run elsewhere.
 */
public final class Dialer implements Connector {
  private final Attempt attempt;
  private final Loop loop;
  private final TransportOptions options;
  private final Consumer<Transport> connected;
  private final Consumer<CloseReason> failed;

  private final Queue<InetSocketAddress> untried = new ArrayDeque<>();
  private long deadlineNanos;
  private boolean limitedByEngine; // whose own limit is reached first
  private @Nullable Transport transport;
  private Loop.@Nullable Timer limit;

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
   * @param timeoutNanos for all addresses together
   * @param endpoint where to
   */
  @Override
  public void dial(long timeoutNanos, Endpoint endpoint) {
    deadlineNanos = loop.nanoTime() + timeoutNanos;
    limitedByEngine = timeoutNanos >= attempt.connectTimeoutNanos();
    if (endpoint instanceof Endpoint.Known known) {
      lookUp(known.address());
    } else if (endpoint instanceof Endpoint.Asked asked) {
      attempt.ask(asked.supplier(), this::supplied, this::supplierFailed);
    }
  }

  private void supplied(@Nullable InetSocketAddress endpoint) {
    Optional<String> problem = Endpoint.problemOf(endpoint);
    if (endpoint == null || problem.isPresent()) {
      failed.accept(
          CloseReason.of(
              CloseReason.Kind.SUPPLIER_FAILED,
              "what the supplier of the address returned can't be dialed: "
                  + problem.orElse("nothing")));
    } else {
      lookUp(endpoint);
    }
  }

  private void supplierFailed(Exception e) {
    failed.accept(
        CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, "the supplier of the address threw", e));
  }

  private void lookUp(InetSocketAddress endpoint) {
    String host = endpoint.getHostString();
    Optional<InetAddress> known =
        endpoint.isUnresolved() ? Ipv4.parse(host) : Optional.of(endpoint.getAddress());
    if (known.isPresent()) {
      dialAll(List.of(known.get()), endpoint.getPort());
    } else {
      attempt.lookUp(
          host,
          () -> attempt.network().resolve(host),
          addresses -> dialAll(addresses, endpoint.getPort()),
          e -> lookUpFailed(host, e));
    }
  }

  private void lookUpFailed(String host, Exception e) {
    CloseReason.Kind kind =
        e instanceof UnknownHostException
            ? CloseReason.Kind.UNRESOLVED
            : CloseReason.Kind.CONNECT_FAILED;
    failed.accept(CloseReason.of(kind, host + " has no address", e));
  }

  private void dialAll(List<InetAddress> addresses, int port) {
    for (InetAddress address : addresses) {
      untried.add(new InetSocketAddress(address, port));
    }
    dialNext();
  }

  private void dialNext() {
    InetSocketAddress address = untried.remove();
    attempt.trying(address);
    try {
      Transport opened = attempt.network().openStream(options);
      transport = opened;
      if (opened.connect(address)) {
        handOver(opened);
        return;
      }
      Loop.Registration unused = opened.watch(loop, SelectionKey.OP_CONNECT, ops -> ready(address));
      if (!untried.isEmpty() || !limitedByEngine) {
        long share = (deadlineNanos - loop.nanoTime()) / (untried.size() + 1);
        limit = loop.schedule(share, () -> addressFailed(address, null));
      }
    } catch (IOException
        | IllegalArgumentException // an address of a family that the system lacks, for one
        | UnsupportedOperationException
        | SecurityException e) {
      addressFailed(address, e);
    }
  }

  private void ready(InetSocketAddress address) {
    Transport dialed = transport;
    try {
      if (dialed != null && dialed.finishConnect()) {
        handOver(dialed);
      }
    } catch (IOException e) {
      addressFailed(address, e);
    }
  }

  /** From now on it is the stream's, which watches it with a handler of its own. */
  private void handOver(Transport dialed) {
    cancelLimit();
    transport = null;
    connected.accept(dialed);
  }

  private void addressFailed(InetSocketAddress address, @Nullable Exception e) {
    abort();
    if (!untried.isEmpty()) {
      dialNext();
      return;
    }
    String where = address.getHostString() + ":" + address.getPort();
    if (e == null) {
      failed.accept(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, "no answer from " + where));
      return;
    }
    CloseReason.Kind kind =
        e instanceof NoRoomException
            ? CloseReason.Kind.RESOURCE_EXHAUSTED
            : CloseReason.Kind.CONNECT_FAILED;
    failed.accept(CloseReason.of(kind, "connect to " + where + ": " + words(e), e));
  }

  private static String words(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Gives the transport back that is being connected, if there is one. */
  @Override
  public void abort() {
    cancelLimit();
    if (transport != null) {
      Channels.close(attempt.connectionName(), transport);
      transport = null;
    }
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  /** Returns how many sockets are being connected: 0 or 1. */
  @Override
  public int openSockets() {
    return transport != null && transport.isOpen() ? 1 : 0;
  }
}
