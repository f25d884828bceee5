package io.dormouse.udp;

import io.dormouse.check.Check;
import io.dormouse.engine.Engine;
import io.dormouse.engine.Generation;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.SendingConnection;
import io.dormouse.engine.SendingWire;
import io.dormouse.network.Network;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The handle of a UDP connection. */
final class UdpHandle extends SendingConnection<OutgoingDatagram> implements UdpConnection {
  /** 65,535 less 8 bytes of UDP header, and 20 of IPv4, whose length field counts them too. */
  private static final int LONGEST_IPV4 = 65_507;

  private static final int LONGEST_IPV6 = 65_527;

  private final UdpOptions options;
  private final Network network;

  UdpHandle(Engine engine, LinkOptions link, UdpOptions options, Network network) {
    super(engine, link);
    this.options = options;
    this.network = network;
  }

  @Override
  protected SendingWire<OutgoingDatagram> newWire(Generation generation) {
    return new UdpWire(generation, options, this, network);
  }

  @Override
  public CompletableFuture<Void> send(ByteBuffer data) {
    Check.given(name(), "data", data);
    if (!options.peer().isPresent()) {
      throw new IllegalStateException(
          name()
              + ": send to whom? It is not connected: use send(data, to), or"
              + " connectTo(host, port) before register()");
    }
    return submit(data, null, remoteAddress().orElse(null));
  }

  @Override
  public CompletableFuture<Void> send(ByteBuffer data, InetSocketAddress to) {
    Check.given(name(), "data", data);
    check(Check.given(name(), "to", to));
    return submit(data, to, to);
  }

  private void check(InetSocketAddress to) {
    if (to.isUnresolved()) {
      throw new IllegalArgumentException(
          name()
              + ": "
              + to.getHostString()
              + " is not resolved; look it up off the main thread, with new"
              + " InetSocketAddress(host, port), and send to what that gives");
    }
    Check.port(name(), to.getPort());
    if (!options.speaksTo(to.getAddress())) {
      throw new IllegalArgumentException(
          name() + ": " + to + " is not of the family of its socket, " + options.family().get());
    }
    InetSocketAddress remote = remoteAddress().orElse(to);
    if (!remote.equals(to)) {
      throw new IllegalArgumentException(
          name()
              + ": can't send to "
              + to
              + ", since it is connected to "
              + remote
              + "; register another one without connectTo for that");
    }
  }

  /** What goes to no known address yet is measured by what the system makes of it. */
  private CompletableFuture<Void> submit(
      ByteBuffer data, @Nullable InetSocketAddress to, @Nullable InetSocketAddress target) {
    boolean ipv4 = target != null && target.getAddress() instanceof Inet4Address;
    int longest = ipv4 ? LONGEST_IPV4 : LONGEST_IPV6;
    int size = data.remaining();
    if (size > longest) {
      throw new IllegalArgumentException(
          name() + ": a datagram has at most " + longest + " bytes, not " + size);
    }
    if (size == 0 && options.peer().isPresent()) {
      // The channel would say "written" and write nothing (sun.nio.ch.IOUtil).
      throw new IllegalArgumentException(
          name()
              + ": an empty datagram can't be sent over a connected socket in Java; register a"
              + " connection without connectTo for that");
    }
    ByteBuffer copy = ByteBuffer.allocate(size);
    copy.duplicate().put(data.duplicate());
    return submit(new OutgoingDatagram(copy, to), size);
  }

  @Override
  public Optional<InetSocketAddress> localAddress() {
    return liveWire() instanceof UdpWire udp ? udp.localAddress() : Optional.empty();
  }

  @Override
  public Optional<InetSocketAddress> remoteAddress() {
    return liveWire() instanceof UdpWire udp ? udp.remoteAddress() : Optional.empty();
  }
}
