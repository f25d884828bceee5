package io.dormouse.tls;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import io.dormouse.network.Attempt;
import io.dormouse.network.Channels;
import io.dormouse.network.Connector;
import io.dormouse.network.Dialer;
import io.dormouse.network.Endpoint;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import io.dormouse.tls.TlsFailure.ClientCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Has a host dialed, and then does the TLS handshake, if there is to be one. Loop only; what takes
 * long runs elsewhere.
 */
public final class SecureDialer implements Connector {
  /** So much earlier than the engine, which can't say what was waited for. */
  private static final int MARGIN = 50;

  private final Attempt attempt;
  private final Loop loop;
  private final Dialer dialer;
  private final Supplier<Optional<TlsClient>> clients;
  private final Consumer<Transport> connected;
  private final Consumer<CloseReason> failed;

  private long deadlineNanos;
  private @Nullable InetSocketAddress peer; // written before the loop goes on
  private @Nullable Transport below; // while it is ours and not yet in use by TLS
  private @Nullable TlsTransport shaking;
  private Loop.@Nullable Timer limit;

  /**
   * Creates one that {@link #dial} lets begin. It calls one of the consumers in the end, unless it
   * is aborted.
   *
   * @param clients says how TLS is to be used, if it is, as soon as the socket is connected
   * @param connected takes the transport over, which is not watched
   */
  public SecureDialer(
      Attempt attempt,
      TransportOptions options,
      Supplier<Optional<TlsClient>> clients,
      Consumer<Transport> connected,
      Consumer<CloseReason> failed) {
    this.attempt = attempt;
    this.loop = attempt.loop();
    this.clients = clients;
    this.connected = connected;
    this.failed = failed;
    this.dialer = new Dialer(attempt, options, this::dialed, failed);
  }

  @Override
  public void dial(long timeoutNanos, Endpoint endpoint) {
    boolean limitedByEngine = timeoutNanos >= attempt.connectTimeoutNanos();
    deadlineNanos = loop.nanoTime() + timeoutNanos - (limitedByEngine ? timeoutNanos / MARGIN : 0);
    if (endpoint instanceof Endpoint.Asked asked) {
      dialer.dial(timeoutNanos, new Endpoint.Asked(() -> remember(asked.supplier().call())));
    } else if (endpoint instanceof Endpoint.Known known) {
      peer = known.address();
      dialer.dial(timeoutNanos, endpoint);
    }
  }

  private @Nullable InetSocketAddress remember(@Nullable InetSocketAddress address) {
    peer = address;
    return address;
  }

  private void dialed(Transport socket) {
    Optional<TlsClient> client = clients.get();
    InetSocketAddress to = peer;
    if (!client.isPresent() || to == null) {
      connected.accept(socket);
      return;
    }
    TlsClient tls = client.get();
    String name = tls.nameOf(to.getHostString());
    below = socket;
    limit = loop.schedule(deadlineNanos - loop.nanoTime(), this::stalled);
    attempt.handshake(
        () -> tls.newEngine(name, to.getPort()),
        engine -> shake(tls, name, engine),
        e -> fail(TlsFailure.ofHandshake(e, ClientCertificate.NONE)));
  }

  private void shake(TlsClient tls, String name, SSLEngine engine) {
    Transport socket = below;
    if (socket == null) {
      return;
    }
    TlsTransport transport = new TlsTransport(socket, attempt, tls, name, engine);
    shaking = transport;
    below = null;
    try {
      Loop.Registration unused =
          transport.watch(loop, SelectionKey.OP_CONNECT, ops -> finish(transport));
    } catch (IOException e) {
      fail(TlsFailure.ofHandshake(e, ClientCertificate.NONE));
      return;
    }
    finish(transport);
  }

  private void finish(TlsTransport transport) {
    try {
      if (transport == shaking && transport.finishConnect()) {
        cancelLimit();
        connected.accept(transport);
        shaking = null; // after that: if it was not taken over, for lack of memory, it is ours
      }
    } catch (TlsException e) {
      fail(e.reason());
    } catch (IOException e) {
      fail(TlsFailure.ofHandshake(e, ClientCertificate.NONE));
    }
  }

  private void stalled() {
    fail(TlsFailure.stalled(shaking == null || shaking.isComputing()));
  }

  private void fail(CloseReason reason) {
    abort();
    failed.accept(reason);
  }

  @Override
  public void abort() {
    dialer.abort();
    cancelLimit();
    Transport open = shaking == null ? below : shaking;
    below = null;
    shaking = null;
    if (open != null) {
      Channels.close(attempt.connectionName(), open);
    }
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  @Override
  public int openSockets() {
    Transport open = shaking == null ? below : shaking;
    return open != null && open.isOpen() ? 1 : dialer.openSockets();
  }
}
