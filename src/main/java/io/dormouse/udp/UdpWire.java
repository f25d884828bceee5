package io.dormouse.udp;

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
import java.util.Optional;
import java.util.Queue;
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
final class UdpWire implements Wire<Parcel> {
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
  private final UdpSocket.Opener opener;
  private final Queue<Outgoing<Parcel>> queue = new ArrayDeque<>();
  private @Nullable Live live;
  private boolean over;
  private boolean flushing;
  private boolean reading = true;
  private int interest = SelectionKey.OP_READ;
  private volatile @Nullable Ends ends;

  UdpWire(
      Generation generation,
      UdpOptions options,
      UdpConnection connection,
      UdpSocket.Opener opener) {
    this.generation = generation;
    this.options = options;
    this.connection = connection;
    this.opener = opener;
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
    if (options.needsLookUp()) {
      generation.ask(() -> LookUp.run(options), this::open, this::failed);
    } else {
      // Not now: if the generation before closed its socket in this round of the loop, that still
      // holds the port that this one is to be bound to.
      generation.loop().execute(() -> guard(() -> open(LookUp.Found.NOTHING)));
    }
  }

  private void open(LookUp.Found found) {
    if (over) {
      return;
    }
    try {
      DatagramChannel channel = opener.open(options, found);
      Live opened = null;
      try {
        Loop.Registration registration =
            generation.loop().register(channel, interest, ops -> guard(() -> ready(ops)));
        ends = endsOf(channel);
        opened = new Live(channel, registration);
        live = opened;
      } finally {
        if (opened == null) {
          UdpSocket.close(channel);
        }
      }
    } catch (AttemptFailedException | IOException e) {
      failed(e);
      return;
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
      internalError(e);
    }
  }

  private void internalError(Throwable e) {
    end(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, e.toString(), e));
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

  /** For what the loop calls: the engine guards only what it calls itself. */
  private void guard(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) { // as the engine's own guard: the loop is for the others too
      log.error("{}: the UDP wire threw", generation.connectionName(), e);
      internalError(e);
    }
  }

  private void watch() {
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
  public void send(Outgoing<Parcel> message) {
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
      Outgoing<Parcel> next = queue.peek();
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
    watch();
    if (live != null && flushing && queue.isEmpty()) {
      generation.flushed();
    }
  }

  /** Returns whether it is settled; if not, there is no room for it, or the generation is over. */
  private boolean write(DatagramChannel channel, Outgoing<Parcel> message) {
    Parcel parcel = message.payload();
    try {
      if (put(channel, parcel) == 0 && !parcel.isEmpty()) {
        return false;
      }
      queue.remove();
      message.written();
    } catch (IOException | IllegalArgumentException | AlreadyConnectedException e) {
      if (isCut(e)) {
        end(CloseReason.of(CloseReason.Kind.NETWORK_LOST, String.valueOf(e.getMessage()), e));
        return false;
      }
      queue.remove();
      String detail = e.getMessage() == null ? e.toString() : e.getMessage();
      message.failed(CloseReason.of(CloseReason.Kind.SEND_REFUSED, detail, e));
    }
    return true;
  }

  private int put(DatagramChannel channel, Parcel parcel) throws IOException {
    try {
      return putOnce(channel, parcel);
    } catch (PortUnreachableException e) {
      report(e);
      return putOnce(channel, parcel); // that was about an earlier one, and this was not sent
    }
  }

  private static int putOnce(DatagramChannel channel, Parcel parcel) throws IOException {
    ByteBuffer data = parcel.data().duplicate();
    return parcel.to() == null ? channel.write(data) : channel.send(data, parcel.to());
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
        if (isCut(e) || failures == AT_ONCE) {
          end(CloseReason.of(CloseReason.Kind.NETWORK_LOST, String.valueOf(e.getMessage()), e));
        } else {
          report(e);
        }
      }
    }
    watch();
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
    watch();
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
