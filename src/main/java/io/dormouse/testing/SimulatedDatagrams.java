package io.dormouse.testing;

import io.dormouse.loop.Loop;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.LocalInterface;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A simulated UDP socket: what has no room is dropped on the way in, and refused on the way out.
 */
final class SimulatedDatagrams implements DatagramTransport {
  private static final int LONGEST = 65_507;
  private static final int DEFAULT_BUFFER = 208 * 1024;

  /** So much may wait on a link for its turn, in time. */
  private static final long MOST_BACKLOG = TimeUnit.MILLISECONDS.toNanos(200);

  private record Received(InetSocketAddress from, ByteBuffer data) {}

  /** Where it is a member, by group and the number of the interface. */
  record Membership(InetAddress group, int networkInterface) {}

  private final SimulatedNetwork network;
  private final Readiness readiness = new Readiness(this::ready);
  private final Map<SocketOption<?>, Object> options = new HashMap<>();
  private final Deque<Received> inbox = new ArrayDeque<>();
  private final Set<Membership> memberships = new LinkedHashSet<>();
  private int inboxBytes;
  private @Nullable InetSocketAddress local; // once it is bound
  private @Nullable InetSocketAddress connectedTo;
  private @Nullable IOException pending; // what an ICMP message said
  private boolean full;
  private boolean closed;

  SimulatedDatagrams(SimulatedNetwork network) {
    this.network = network;
  }

  private int ready() {
    if (closed) {
      return 0;
    }
    return (pending != null || !inbox.isEmpty() ? SelectionKey.OP_READ : 0)
        | (full ? 0 : SelectionKey.OP_WRITE);
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    checkOpen();
    options.put(option, value);
  }

  @Override
  public void multicastBy(LocalInterface by) throws IOException {
    checkOpen();
  }

  @Override
  public void bind(@Nullable InetSocketAddress wanted) throws IOException {
    checkOpen();
    if (wanted != null
        && !wanted.getAddress().isAnyLocalAddress()
        && !network.hasAddress(wanted.getAddress())) {
      throw new BindException("Cannot assign requested address");
    }
    boolean shares = Boolean.TRUE.equals(options.get(StandardSocketOptions.SO_REUSEADDR));
    int port = network.datagramPort(wanted == null ? 0 : wanted.getPort(), shares);
    InetAddress address = wanted == null ? network.anyAddress() : wanted.getAddress();
    local = new InetSocketAddress(address, port);
  }

  @Override
  public void join(InetAddress group, LocalInterface by) throws IOException {
    checkOpen();
    if (!network.interfaces().contains(by)) {
      throw new SocketException("No such device");
    }
    memberships.add(new Membership(group, by.index()));
  }

  boolean isMember(InetAddress group, int networkInterface) {
    return memberships.contains(new Membership(group, networkInterface));
  }

  @Override
  public void connect(InetSocketAddress to) throws IOException {
    checkOpen();
    if (network.isOffline()) {
      throw new SocketException("Network is unreachable");
    }
    connectedTo = to;
    InetSocketAddress bound = bound();
    if (bound.getAddress().isAnyLocalAddress()) {
      local = new InetSocketAddress(network.ownAddress(), bound.getPort());
    }
  }

  @Override
  public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
    checkOpen();
    return readiness.watch(loop, ops, handler);
  }

  @Override
  public int send(ByteBuffer data, @Nullable InetSocketAddress wanted) throws IOException {
    checkOpen();
    throwPending();
    InetSocketAddress to = wanted == null ? connectedTo : wanted;
    if (to == null) {
      throw new NotYetConnectedException();
    } else if (connectedTo != null && !connectedTo.equals(to)) {
      throw new AlreadyConnectedException();
    } else if (data.remaining() > LONGEST) {
      throw new SocketException("Message too long");
    } else if (network.isOffline()) {
      throw new SocketException("Network is unreachable");
    } else if (!canSendFrom(bound().getAddress())) {
      throw new SocketException("Invalid argument"); // as Linux says it
    }
    Host host = network.hostAt(to.getAddress());
    if (host != null && host.link().backlogNanos(true) > MOST_BACKLOG) {
      full = true;
      network.after(host.link().backlogNanos(true) / 2, this::roomAgain);
      return 0;
    }
    int count = data.remaining();
    byte[] copy = new byte[count];
    data.get(copy);
    if (host != null) {
      travel(host, to, copy);
    }
    return count;
  }

  private boolean canSendFrom(InetAddress from) {
    return from.isAnyLocalAddress() || network.hasAddress(from);
  }

  private InetSocketAddress bound() {
    if (local == null) {
      throw new NotYetBoundException();
    }
    return local;
  }

  private void roomAgain() {
    full = false;
    readiness.changed();
  }

  /** By chance a datagram is lost, or comes twice; each for itself, so that they overtake. */
  private void travel(Host host, InetSocketAddress to, byte[] data) {
    InetSocketAddress from = new InetSocketAddress(network.ownAddress(), bound().getPort());
    int copies = host.link().isLost() ? (network.nextLong(2) == 0 ? 0 : 2) : 1;
    for (int i = 0; i < copies; i++) {
      network.after(host.link().nanos(28 + data.length, true), () -> arrive(host, from, to, data));
    }
  }

  private void arrive(Host host, InetSocketAddress from, InetSocketAddress to, byte[] data) {
    if (!host.isReachable() || host.isSilent(to.getPort())) {
      return;
    }
    DatagramPeer peer = host.datagramPeer(to.getPort());
    if (peer == null) {
      network.after(host.link().nanos(56, false), () -> unreachable(host, to));
      return;
    }
    network.trace(from, to, "DATAGRAM", ByteBuffer.wrap(data));
    peer.received(
        from,
        ByteBuffer.wrap(data),
        reply -> {
          byte[] copy = new byte[reply.remaining()];
          reply.get(copy);
          comeBack(host, to, from, copy);
        });
  }

  private void comeBack(Host host, InetSocketAddress from, InetSocketAddress to, byte[] data) {
    int copies = host.link().isLost() ? (network.nextLong(2) == 0 ? 0 : 2) : 1;
    for (int i = 0; i < copies; i++) {
      network.after(
          host.link().nanos(28 + data.length, false),
          () -> {
            if (host.isReachable()) {
              network.deliverDatagram(from, to, data);
            }
          });
    }
  }

  private void unreachable(Host host, InetSocketAddress to) {
    if (!closed && host.isReachable() && to.equals(connectedTo)) {
      pending = new PortUnreachableException();
      readiness.changed();
    }
  }

  /** Takes it, if it is for this socket. */
  void arrived(InetSocketAddress from, InetSocketAddress to, byte[] data) {
    boolean mine =
        !closed
            && local != null
            && local.getPort() == to.getPort()
            && (connectedTo == null || connectedTo.equals(from));
    if (mine && inboxBytes + data.length <= receiveBuffer()) {
      network.trace(from, to, "DATAGRAM", ByteBuffer.wrap(data));
      inbox.add(new Received(from, ByteBuffer.wrap(data)));
      inboxBytes += data.length;
      readiness.changed();
    }
  }

  /** The system takes it away; it stays bound, as the socket of another network does. */
  void kill() {
    pending = new SocketException(SimulatedNetwork.KILLED);
    readiness.changed();
  }

  private int receiveBuffer() {
    Object set = options.get(StandardSocketOptions.SO_RCVBUF);
    return set == null ? DEFAULT_BUFFER : (Integer) set;
  }

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException {
    checkOpen();
    throwPending();
    Received next = inbox.poll();
    if (next == null) {
      return null;
    }
    inboxBytes -= next.data.remaining();
    into.put(next.data);
    return next.from;
  }

  private void throwPending() throws IOException {
    if (pending != null) {
      IOException told = pending;
      pending = null;
      throw told;
    }
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public InetSocketAddress localAddress() throws IOException {
    checkOpen();
    return bound();
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() throws IOException {
    checkOpen();
    return connectedTo;
  }

  int port() {
    return local == null ? 0 : local.getPort();
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      inbox.clear();
      network.closed(this);
    }
  }
}
