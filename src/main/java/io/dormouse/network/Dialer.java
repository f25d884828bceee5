package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings a transport to where the app wants it: asks where that is, has the host looked up, and
 * lets its addresses {@linkplain Race race}. Loop only; look-up and supplier run elsewhere.
 */
public final class Dialer implements Connector {
  private final Attempt attempt;
  private final Loop loop;
  private final TransportOptions options;
  private final Consumer<Transport> connected;
  private final Consumer<CloseReason> failed;

  /** What is waited for, to say so if it takes too long. */
  private String awaited = "the supplier of the address has not answered";

  private @Nullable Race race;
  private LookUps.@Nullable Ticket lookUp;
  private Loop.@Nullable Timer limit;
  private boolean over;

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
    if (timeoutNanos < attempt.connectTimeoutNanos()) { // else that limit ends it
      limit = loop.schedule(timeoutNanos, this::tookTooLong);
    }
    if (endpoint instanceof Endpoint.Known known) {
      dial(known.address());
    } else if (endpoint instanceof Endpoint.Asked asked) {
      attempt.ask(asked.supplier(), this::supplied, this::supplierFailed);
    }
  }

  private void tookTooLong() {
    InetSocketAddress last = race == null ? null : race.lastTried();
    String why = last == null ? awaited : "no answer from " + text(last);
    fail(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, why));
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
      dial(endpoint);
    }
  }

  private void supplierFailed(Exception e) {
    fail(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, "the supplier of the address threw", e));
  }

  private void dial(InetSocketAddress endpoint) {
    if (over) {
      return;
    }
    String host = endpoint.getHostString();
    InetSocketAddress worked = attempt.worked();
    Race begun =
        new Race(
            attempt,
            options,
            endpoint.getPort(),
            worked == null ? null : worked.getAddress(),
            new Racing());
    race = begun;
    Optional<InetAddress> known =
        endpoint.isUnresolved() ? Ipv4.parse(host) : Optional.of(endpoint.getAddress());
    if (known.isPresent()) {
      begun.found(List.of(known.get()), true);
    } else {
      awaited = "the look-up of " + host + " has not ended";
      lookUp = attempt.resolve(host, new LookingUp(host, begun));
    }
  }

  /** What the look-up tells. */
  private final class LookingUp implements LookUps.Listener {
    private final String host;
    private final Race begun;

    LookingUp(String host, Race begun) {
      this.host = host;
      this.begun = begun;
    }

    @Override
    public void found(List<InetAddress> addresses, boolean last) {
      begun.found(addresses, last);
    }

    @Override
    public void failed(Exception why) {
      fail(attempt.lookUpFailed(host, why));
    }
  }

  /** What the race tells. */
  private final class Racing implements Race.Listener {
    @Override
    public void connected(Transport transport, InetSocketAddress address) {
      attempt.reached(address);
      race = null; // the transport is the stream's, which watches it with a handler of its own
      stop();
      connected.accept(transport);
    }

    @Override
    public void lost(InetSocketAddress last, Exception why) {
      CloseReason.Kind kind =
          why instanceof NoRoomException
              ? CloseReason.Kind.RESOURCE_EXHAUSTED
              : CloseReason.Kind.CONNECT_FAILED;
      fail(CloseReason.of(kind, "connect to " + text(last) + ": " + words(why), why));
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String words(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
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
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
    if (lookUp != null) {
      lookUp.leave();
      lookUp = null;
    }
    if (race != null) {
      race.abort();
      race = null;
    }
  }

  /** Returns how many sockets are being connected. */
  @Override
  public int openSockets() {
    return race == null ? 0 : race.openSockets();
  }
}
