package io.dormouse.udp;

import io.dormouse.check.Check;
import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.Wire;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation's UDP socket.
 *
 * <p>On a connected socket the system reports what an ICMP message said of an earlier datagram, and
 * it does so in the place of the next thing that is asked of the socket, be that a read or a write.
 * So such an error is told to the app, what it displaced is tried again, and nothing ends.
 */
final class UdpWire implements Wire<OutgoingDatagram> {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** After so many datagrams it is the others' turn: a flooded socket must not starve them. */
  private static final int AT_ONCE = 32;

  /**
   * Where the system puts what it received: one per loop, since reads don't overlap there, and with
   * its position left at 0. No datagram is longer.
   */
  private static final ThreadLocal<ByteBuffer> RECEIVED =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(65_536));

  /** A socket in use. */
  private record Live(DatagramChannel channel, Loop.Registration registration) {}

  /** Both ends, for readers on any thread. */
  private record Ends(InetSocketAddress local, Optional<InetSocketAddress> remote) {}

  private final Generation generation;
  private final UdpOptions options;
  private final UdpConnection connection;
  private final UdpSystem system;
  private final Resolver resolver;
  private final Queue<Outgoing<OutgoingDatagram>> queue = new ArrayDeque<>();
  private @Nullable Live live;
  private @Nullable GroupWatch watch;
  private boolean over;
  private boolean flushing;
  private boolean reading = true;
  private int interest = SelectionKey.OP_READ;
  private volatile @Nullable Ends ends;

  UdpWire(Generation generation, UdpOptions options, UdpConnection connection, UdpSystem system) {
    this.generation = generation;
    this.options = options;
    this.connection = connection;
    this.system = system;
    this.resolver = new Resolver(options, system);
  }

  Optional<InetSocketAddress> localAddress() {
    return Optional.ofNullable(ends).map(Ends::local);
  }

  Optional<InetSocketAddress> remoteAddress() {
    return Optional.ofNullable(ends).flatMap(Ends::remote);
  }

  // --------------------------------------------------------------------------------- connecting

  @Override
  public void connect() {
    Peer peer = options.peer().orElse(null);
    if (peer instanceof Peer.Asked app) {
      // Null all the same, if the app says so.
      generation.ask(
          () -> Optional.ofNullable(app.supplier().get()), this::asked, this::supplierFailed);
    } else if (peer instanceof Peer.Known known) {
      resolve(known.address());
    } else {
      resolve(null);
    }
  }

  private void asked(Optional<InetSocketAddress> address) {
    Optional<String> problem =
        address.isPresent() ? problemOf(address.get()) : Optional.of("it is null");
    if (problem.isPresent()) {
      String detail = "the supplier of the address gave what can't be one: " + problem.get();
      end(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, detail));
    } else {
      resolve(address.get());
    }
  }

  private static Optional<String> problemOf(InetSocketAddress address) {
    if (address.getPort() == 0) {
      return Optional.of("its port is 0");
    }
    return address.isUnresolved() ? Check.hostProblem(address.getHostString()) : Optional.empty();
  }

  private void supplierFailed(Exception e) {
    // The app's text may hold anything, so only the cause has it.
    Throwable thrown = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    String detail = "the supplier of the address threw " + thrown.getClass().getName();
    end(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, detail, thrown));
  }

  private void resolve(@Nullable InetSocketAddress peer) {
    if ((peer != null && peer.isUnresolved()) || options.namesInterfaces()) {
      Object key = peer == null ? UdpWire.class : peer;
      generation.lookUp(key, () -> resolver.resolve(peer), this::open, this::failed);
      return;
    }
    Resolved resolved =
        peer == null ? Resolved.NOTHING : new Resolved(List.of(peer), Optional.empty(), List.of());
    // Not now: if the generation before closed its socket in this round of the loop, that still
    // holds the port that this one is to be bound to.
    generation.loop().execute(() -> open(resolved));
  }

  private void open(Resolved resolved) {
    if (over) {
      return;
    }
    DatagramChannel channel;
    try {
      channel = system.open(options, resolved);
    } catch (AttemptFailedException e) {
      failed(e);
      return;
    }
    Live opened = null;
    try {
      Loop.Registration registration = generation.loop().register(channel, interest, this::ready);
      ends = endsOf(channel);
      opened = new Live(channel, registration);
      live = opened;
    } catch (IOException e) {
      failed(e);
      return;
    } finally {
      if (opened == null) {
        UdpSocket.close(channel);
      }
    }
    if (!resolved.joins().isEmpty()) {
      watch = new GroupWatch(generation, resolver, channel, resolved.joins(), this::end);
    }
    generation.connected();
  }

  private static Ends endsOf(DatagramChannel channel) throws IOException {
    InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
    return new Ends(local, Optional.ofNullable((InetSocketAddress) channel.getRemoteAddress()));
  }

  private void failed(Exception e) {
    if (e instanceof AttemptFailedException attempt) {
      end(attempt.reason());
    } else if (e instanceof IOException) {
      end(CloseReason.of(CloseReason.Kind.CONNECT_FAILED, String.valueOf(e.getMessage()), e));
    } else {
      end(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, e.getClass().getName(), e));
    }
  }

  // -------------------------------------------------------------------------------------- ready

  private void ready(int ops) {
    if ((ops & SelectionKey.OP_WRITE) != 0) {
      writeQueued(true);
    }
    if ((ops & SelectionKey.OP_READ) != 0) {
      readSome();
    }
  }

  private void updateInterest() {
    int wanted =
        (reading ? SelectionKey.OP_READ : 0) | (queue.isEmpty() ? 0 : SelectionKey.OP_WRITE);
    Live current = live;
    if (current != null && wanted != interest) {
      interest = wanted;
      current.registration().interest(wanted);
    }
  }

  // ------------------------------------------------------------------------------------ sending

  @Override
  public void send(Outgoing<OutgoingDatagram> message) {
    queue.add(message);
    if (queue.size() == 1) {
      writeQueued(false);
    }
  }

  /**
   * Writes what the system takes.
   *
   * @param room whether the system has just said that there is room
   */
  private void writeQueued(boolean room) {
    boolean surely = room;
    for (int i = 0; i < AT_ONCE; i++) {
      Live current = live;
      Outgoing<OutgoingDatagram> next = queue.peek();
      if (current == null || next == null) {
        break;
      }
      // Zero bytes written means no room, or that an empty datagram went out: so an empty one is
      // written only when there is room for sure.
      boolean empty = next.payload().isEmpty();
      if ((empty && !surely) || !write(current.channel(), next)) {
        break;
      }
      surely = false;
    }
    updateInterest();
    if (live != null && flushing && queue.isEmpty()) {
      generation.flushed();
    }
  }

  /** Returns whether it is settled; if not, there is no room for it, or the generation is over. */
  private boolean write(DatagramChannel channel, Outgoing<OutgoingDatagram> message) {
    OutgoingDatagram datagram = message.payload();
    try {
      if (put(channel, datagram) == 0 && !datagram.isEmpty()) {
        return false;
      }
      queue.remove();
      message.written();
    } catch (IOException | IllegalArgumentException | AlreadyConnectedException e) {
      if (endIfLost(e)) {
        return false; // the end settles it
      }
      queue.remove();
      String detail = e.getMessage() == null ? e.toString() : e.getMessage();
      message.failed(CloseReason.of(CloseReason.Kind.SEND_REFUSED, detail, e));
    }
    return true;
  }

  private int put(DatagramChannel channel, OutgoingDatagram datagram) throws IOException {
    try {
      return putOnce(channel, datagram);
    } catch (PortUnreachableException e) {
      report(e);
      return putOnce(channel, datagram); // that was about an earlier one, and this was not sent
    }
  }

  private static int putOnce(DatagramChannel channel, OutgoingDatagram datagram)
      throws IOException {
    ByteBuffer data = datagram.data().duplicate();
    return datagram.to() == null ? channel.write(data) : channel.send(data, datagram.to());
  }

  // ---------------------------------------------------------------------------------- receiving

  private void readSome() {
    int failures = 0;
    for (int i = 0; i < AT_ONCE; i++) {
      Live current = live;
      if (current == null || !reading) {
        break;
      }
      try {
        if (!readOne(current.channel())) {
          break;
        }
      } catch (IOException e) {
        failures++;
        // Each report clears the one error it is about; what keeps failing is broken.
        if (failures == AT_ONCE) {
          end(CloseReason.of(CloseReason.Kind.NETWORK_LOST, String.valueOf(e.getMessage()), e));
        } else if (!endIfLost(e)) {
          report(e);
        }
      }
    }
    updateInterest();
  }

  private boolean readOne(DatagramChannel channel) throws IOException {
    ByteBuffer room = RECEIVED.get().duplicate();
    SocketAddress sender = channel.receive(room);
    if (sender == null) {
      return false;
    }
    int size = room.position();
    byte[] data = new byte[size];
    RECEIVED.get().duplicate().get(data);
    Datagram datagram = new Datagram((InetSocketAddress) sender, ByteBuffer.wrap(data));
    reading = generation.deliver(size, () -> options.onDatagram().accept(connection, datagram));
    return true;
  }

  @Override
  public void resumeReading() {
    reading = true;
    updateInterest();
  }

  // ------------------------------------------------------------------------------------- errors

  private void report(IOException e) {
    // An app that is behind, yet goes on sending to nowhere, must not pile up errors.
    if (reading && options.onError().isPresent()) {
      reading = generation.deliver(0, () -> options.onError().get().accept(connection, e));
    } else {
      log.debug("{}: an earlier datagram was refused", generation.connectionName(), e);
    }
  }

  /**
   * Ends the generation if an error means that this socket won't work again, and returns whether it
   * does: the system has taken it away, or its local address, as happens when a phone goes from
   * Wi-Fi to the mobile network. Routes that are missing come back, so they are no such error.
   */
  private boolean endIfLost(Exception e) {
    Ends current = ends;
    if (isCut(e)) {
      end(CloseReason.of(CloseReason.Kind.NETWORK_LOST, String.valueOf(e.getMessage()), e));
      return true;
    } else if (e instanceof IOException && current != null && hasLost(current.local())) {
      String detail = "this system has no address " + current.local().getHostString() + " any more";
      end(CloseReason.of(CloseReason.Kind.NETWORK_LOST, detail, e));
      return true;
    }
    return false;
  }

  private boolean hasLost(InetSocketAddress local) {
    return !local.getAddress().isAnyLocalAddress() && !system.hasAddress(local.getAddress());
  }

  /**
   * Whether the system has taken the socket away (ECONNABORTED), as Android does when it denies the
   * app the network. Java has no exception of its own for that.
   */
  private static boolean isCut(Exception e) {
    String message = e.getMessage();
    return message != null && message.contains("Software caused connection abort");
  }

  // --------------------------------------------------------------------------------- the end

  @Override
  public void flush() {
    flushing = true;
    if (queue.isEmpty()) {
      generation.flushed();
    }
  }

  @Override
  public void unflush() {
    flushing = false;
  }

  @Override
  public void softClose(CloseReason why) {
    abort();
    generation.softClosed();
  }

  @Override
  public void abort() {
    over = true;
    ends = null;
    queue.clear(); // the engine settles what is in it
    if (watch != null) {
      watch.stop();
      watch = null;
    }
    Live current = live;
    if (current != null) {
      live = null;
      UdpSocket.close(current.channel());
    }
  }

  private void end(CloseReason reason) {
    abort();
    generation.ended(reason);
  }

  @Override
  public int openSockets() {
    Live current = live;
    return current != null && current.channel().isOpen() ? 1 : 0;
  }
}
