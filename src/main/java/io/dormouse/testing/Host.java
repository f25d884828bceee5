package io.dormouse.testing;

import io.dormouse.check.Check;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    this.link = new Link(network, this, latency);
  }

  /**
   * Returns where it is.
   *
   * @return the address
   */
  public InetAddress address() {
    return address;
  }

  /**
   * Returns where a port of it is.
   *
   * @param port from 1 to 65535
   * @return the address with the port
   */
  public InetSocketAddress at(int port) {
    return new InetSocketAddress(address, port);
  }

  /**
   * Returns the way to it.
   *
   * @return the link, to be changed at any time
   */
  public Link link() {
    return link;
  }

  /**
   * Plays each stream that comes to a port by a peer of its own.
   *
   * @param port from 1 to 65535
   * @param peers makes the far side of each stream
   * @return this
   */
  public Host serve(int port, Supplier<? extends Peer> peers) {
    services.put(checked(port), Objects.requireNonNull(peers, "peers"));
    secured.remove(port);
    silent.remove(port);
    return this;
  }

  /**
   * The same over TLS.
   *
   * @param port from 1 to 65535
   * @param peers makes the far side of each stream
   * @param tls makes the far side of each handshake
   * @return this
   */
  public Host serve(int port, Supplier<? extends Peer> peers, SSLContext tls) {
    Objects.requireNonNull(tls, "tls");
    Host unused = serve(port, peers);
    secured.put(port, tls);
    return this;
  }

  /**
   * Plays what datagrams come to a port.
   *
   * @param port from 1 to 65535
   * @param peer gets all of them
   * @return this
   */
  public Host serveDatagrams(int port, DatagramPeer peer) {
    datagramServices.put(checked(port), Objects.requireNonNull(peer, "peer"));
    silent.remove(port);
    return this;
  }

  /**
   * From now on a port refuses. What is connected stays so.
   *
   * @param port from 1 to 65535
   * @return this
   */
  public Host refuse(int port) {
    note("port " + checked(port) + " refuses from now on");
    services.remove(port);
    datagramServices.remove(port);
    silent.remove(port);
    return this;
  }

  /**
   * From now on a port does not answer who wants to connect.
   *
   * @param port from 1 to 65535
   * @return this
   */
  public Host silence(int port) {
    note("port " + checked(port) + " answers nobody from now on");
    silent.add(port);
    return this;
  }

  /**
   * How much the kernel takes of what a peer sends, and of what it has not read.
   *
   * @param sendBytes of one stream, on its way out; at least 1
   * @param receiveBytes of one stream, on its way in; at least 1
   * @return this
   */
  public Host buffers(int sendBytes, int receiveBytes) {
    sendBuffer = sendBytes;
    receiveBuffer = receiveBytes;
    return this;
  }

  /** Loses power: its connections are gone, and nobody is told. Comes back by {@link #restart}. */
  public void crash() {
    note("loses power");
    crashed = true;
    List.copyOf(ends).forEach(TcpEnd::vanish);
  }

  /** Is there again, and resets whoever still sends to a connection of before. */
  public void restart() {
    note("is there again");
    crashed = false;
    if (!link.isDown()) {
      link.resendSoon(); // what was sent meanwhile
    }
  }

  /** Resets all its connections. */
  public void resetAll() {
    note("resets " + ends.size() + " streams");
    for (TcpEnd end : List.copyOf(ends)) {
      end.close(true);
    }
  }

  /**
   * Returns how many streams it holds.
   *
   * @return 0 or more
   */
  public int streams() {
    return ends.size();
  }

  /** Something happened to it. */
  void note(String what) {
    network.note(address.getHostAddress(), what);
  }

  private static int checked(int port) {
    return Check.port("host", port);
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
