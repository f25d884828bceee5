package io.dormouse.stream;

import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Generation;
import io.dormouse.log.LogLine;
import io.dormouse.loop.Loop;
import io.dormouse.network.Channels;
import io.dormouse.network.Connector;
import io.dormouse.network.Endpoint;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The socket under a stream: how it comes, for what the loop watches it, and how it goes. Loop
 * only, except for its addresses.
 */
final class StreamSocket {
  private static final LogLine NOT_RESET =
      LogLine.debug(
          LoggerFactory.getLogger("io.dormouse.connections"),
          "{}: the peer sees an end, not a reset");

  private final Generation generation;
  private @Nullable Connector dialer; // while there is no transport
  private volatile @Nullable Transport transport; // written on the loop
  private Loop.@Nullable Registration registration;
  private int wanted; // what is registered for

  StreamSocket(Generation generation) {
    this.generation = generation;
  }

  /** Connects; see {@link Stream#dial}. */
  void dial(Connector begun, long timeoutNanos, Endpoint endpoint) {
    dialer = begun;
    begun.dial(timeoutNanos, endpoint);
  }

  /** The transport is connected; from now on the loop may watch it. */
  void connected(Transport connected, Loop.Handler handler) throws IOException {
    dialer = null;
    transport = connected;
    registration = connected.watch(generation.loop(), 0, handler);
  }

  /** Has the loop watch it for this. */
  void watchFor(boolean reading, boolean writing) {
    Loop.Registration registered = registration;
    if (registered == null) {
      return;
    }
    int ops = (reading ? SelectionKey.OP_READ : 0) | (writing ? SelectionKey.OP_WRITE : 0);
    if (wanted != ops) {
      wanted = ops;
      registered.interest(ops);
    }
  }

  /** Closing it will be a reset. */
  void resetOnClose() {
    Transport open = transport;
    if (open != null) {
      try {
        open.resetOnClose();
      } catch (Throwable e) { // whatever it is, the socket must go
        NOT_RESET.write(generation.connectionName(), e);
      }
    }
  }

  /** Gives it back, connected or not. */
  void close() {
    if (dialer != null) {
      dialer.abort();
      dialer = null;
    }
    registration = null;
    Transport open = transport;
    if (open != null) {
      Channels.close(generation.connectionName(), open);
      transport = null;
    }
  }

  /** Returns how many sockets are open: 0 or 1, or some that are connecting. */
  int openSockets() {
    int dialing = dialer == null ? 0 : dialer.openSockets();
    Transport connected = transport;
    return dialing + (connected != null && connected.isOpen() ? 1 : 0);
  }

  /** Returns where it is connected to; empty if it isn't. Any thread. */
  Optional<InetSocketAddress> remoteAddress() {
    Transport connected = transport;
    return connected == null ? Optional.empty() : internet(connected.remoteAddress());
  }

  /** Returns its own address; empty if there is none. Any thread. */
  Optional<InetSocketAddress> localAddress() {
    Transport connected = transport;
    return connected == null ? Optional.empty() : internet(connected.localAddress());
  }

  /** Returns what TLS agreed on; empty if there is no TLS, or no socket. Any thread. */
  Optional<TlsSession> tlsSession() {
    Transport connected = transport;
    return Optional.ofNullable(connected == null ? null : connected.tlsSession());
  }

  private static Optional<InetSocketAddress> internet(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet ? Optional.of(internet) : Optional.empty();
  }
}
