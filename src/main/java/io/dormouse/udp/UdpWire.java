package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.SendingWire;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One generation's UDP socket: the {@link UdpDialer} comes to one, and {@link UdpTraffic} is what
 * goes through it. UDP has no close handshake: when all is sent, the socket is closed.
 */
final class UdpWire implements SendingWire<OutgoingDatagram> {
  /** Both ends, for readers on any thread. */
  private record Ends(InetSocketAddress local, Optional<InetSocketAddress> remote) {}

  private final Generation generation;
  private final UdpOptions options;
  private final UdpConnection connection;
  private final Resolver resolver;
  private final UdpDialer dialer;
  private @Nullable UdpTraffic traffic; // while there is a socket
  private @Nullable GroupWatch watch;
  private boolean flushing;
  private volatile @Nullable Ends ends;

  UdpWire(Generation generation, UdpOptions options, UdpConnection connection, Network network) {
    this.generation = generation;
    this.options = options;
    this.connection = connection;
    this.resolver = new Resolver(options, network);
    this.dialer = new UdpDialer(generation, options, network, resolver, this::opened, this::end);
  }

  Optional<InetSocketAddress> localAddress() {
    return Optional.ofNullable(ends).map(Ends::local);
  }

  Optional<InetSocketAddress> remoteAddress() {
    return Optional.ofNullable(ends).flatMap(Ends::remote);
  }

  @Override
  public void connect() {
    dialer.dial();
  }

  private void opened(DatagramTransport socket, Resolved resolved) throws IOException {
    Ends both = new Ends(socket.localAddress(), Optional.ofNullable(socket.remoteAddress()));
    UdpTraffic begun =
        new UdpTraffic(generation, options, connection, socket, both.local(), new Events());
    begun.start();
    traffic = begun;
    ends = both;
    if (!resolved.joins().isEmpty()) {
      watch = new GroupWatch(generation, resolver, socket, resolved.joins(), this::end);
    }
    generation.connected();
  }

  /** What the traffic tells. */
  private final class Events implements UdpTraffic.Listener {
    @Override
    public void allSent() {
      if (flushing) {
        generation.flushed();
      }
    }

    @Override
    public void lost(CloseReason reason) {
      end(reason);
    }
  }

  @Override
  public void send(Outgoing<OutgoingDatagram> message) {
    UdpTraffic current = traffic;
    if (current != null) {
      current.send(message);
    } // else the generation's end settles it
  }

  @Override
  public void resumeReading() {
    UdpTraffic current = traffic;
    if (current != null) {
      current.resumeReading();
    }
  }

  @Override
  public void flush() {
    flushing = true;
    UdpTraffic current = traffic;
    if (current == null || current.hasSentAll()) {
      generation.flushed();
    }
  }

  @Override
  public void unflush() {
    flushing = false;
  }

  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    abort();
    generation.closed();
  }

  @Override
  public void abort() {
    dialer.stop();
    ends = null;
    if (watch != null) {
      watch.stop();
      watch = null;
    }
    UdpTraffic current = traffic;
    if (current != null) {
      traffic = null;
      current.close();
    }
  }

  private void end(CloseReason reason) {
    abort();
    generation.ended(reason);
  }

  @Override
  public int openSockets() {
    UdpTraffic current = traffic;
    return current != null && current.isOpen() ? 1 : 0;
  }
}
