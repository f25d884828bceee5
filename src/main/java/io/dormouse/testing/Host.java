package io.dormouse.testing;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A machine on the other side of a {@link Link}. A port that nothing serves refuses; one that is
 * {@linkplain #silence silent} does not answer, as behind a firewall that drops.
 */
public final class Host {
  private final SimulatedNetwork network;
  private final InetAddress address;
  private final Link link;
  private final Map<Integer, Supplier<? extends Peer>> services = new HashMap<>();
  private final Map<Integer, DatagramPeer> datagramServices = new HashMap<>();
  private final Map<Integer, SSLContext> secured = new HashMap<>();
  private final Set<Integer> silent = new HashSet<>();
  private final Set<TcpEnd> ends = new LinkedHashSet<>(); // its own only
  private boolean crashed;
  private int sendBuffer = 64 * 1024;
  private int receiveBuffer = 64 * 1024;

  Host(SimulatedNetwork network, InetAddress address, Duration latency) {
    this.network = network;
    this.address = address;
    this.link = new Link(network, latency);
  }

  public InetAddress address() {
    return address;
  }

  /** Returns where a port of it is. */
  public InetSocketAddress at(int port) {
    return new InetSocketAddress(address, port);
  }

  /** Returns the way to it. */
  public Link link() {
    return link;
  }

  /** Plays each stream that comes to a port by a peer of its own. */
  public Host serve(int port, Supplier<? extends Peer> peers) {
    services.put(port, peers);
    secured.remove(port);
    silent.remove(port);
    return this;
  }

  /** The same over TLS. */
  public Host serve(int port, Supplier<? extends Peer> peers, SSLContext tls) {
    Host unused = serve(port, peers);
    secured.put(port, tls);
    return this;
  }

  /** Plays what datagrams come to a port. */
  public Host serveDatagrams(int port, DatagramPeer peer) {
    datagramServices.put(port, peer);
    silent.remove(port);
    return this;
  }

  /** From now on a port refuses. What is connected stays so. */
  public Host refuse(int port) {
    services.remove(port);
    datagramServices.remove(port);
    silent.remove(port);
    return this;
  }

  /** From now on a port does not answer who wants to connect. */
  public Host silence(int port) {
    silent.add(port);
    return this;
  }

  /** How much the kernel takes of what a peer sends, and of what it has not read. */
  public Host buffers(int sendBytes, int receiveBytes) {
    sendBuffer = sendBytes;
    receiveBuffer = receiveBytes;
    return this;
  }

  /** Loses power: its connections are gone, and nobody is told. Comes back by {@link #restart}. */
  public void crash() {
    crashed = true;
    List.copyOf(ends).forEach(TcpEnd::vanish);
  }

  /** Is there again, and resets whoever still sends to a connection of before. */
  public void restart() {
    crashed = false;
    if (!link.isDown()) {
      link.down(); // what was sent meanwhile is sent again
      link.up();
    }
  }

  /** Resets all its connections. */
  public void resetAll() {
    for (TcpEnd end : List.copyOf(ends)) {
      end.close(true);
    }
  }

  /** Returns how many streams it holds. */
  public int streams() {
    return ends.size();
  }

  boolean isReachable() {
    return !crashed && !link.isDown();
  }

  boolean isSilent(int port) {
    return silent.contains(port);
  }

  @Nullable DatagramPeer datagramPeer(int port) {
    return datagramServices.get(port);
  }

  void forget(TcpEnd end) {
    ends.remove(end);
  }

  /** Accepts a stream. Returns its end here; null if the port refuses. */
  @Nullable TcpEnd accept(InetSocketAddress to, InetSocketAddress from) {
    Supplier<? extends Peer> service = services.get(to.getPort());
    if (service == null) {
      return null;
    }
    TcpEnd end = new TcpEnd(network, this, false, to, from, sendBuffer, receiveBuffer);
    ends.add(end);
    SSLContext context = secured.get(to.getPort());
    TlsSide tls = context == null ? null : new TlsSide(context.createSSLEngine());
    PeerSocket socket = new PeerSocket(network, end, service.get(), tls);
    network.execute(socket::start);
    return end;
  }
}
