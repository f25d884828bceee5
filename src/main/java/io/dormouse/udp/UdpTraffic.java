package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import io.dormouse.network.DatagramTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes through an open socket, out in order and in. What the system reports of an earlier
 * datagram is told to the app, what it displaced is tried again, and nothing ends. Loop only.
 */
final class UdpTraffic {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** After so many datagrams it is the others' turn: a flooded socket must not starve them. */
  private static final int AT_ONCE = 32;

  /**
   * Where the system puts what it received: one per loop, since reads don't overlap there, and with
   * its position left at 0. No datagram is longer.
   */
  private static final ThreadLocal<ByteBuffer> RECEIVED =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(65_536));

  /** Whom the traffic tells. */
  interface Listener {
    /** Nothing waits any more to be sent. */
    void allSent();

    /** The socket does not work any more, and is to be closed. */
    void lost(CloseReason reason);
  }

  private final Generation generation;
  private final UdpOptions options;
  private final UdpConnection connection;
  private final DatagramTransport socket;
  private final InetSocketAddress local;
  private final Listener listener;
  private final Queue<Outgoing<OutgoingDatagram>> queue = new ArrayDeque<>();
  private Loop.@Nullable Registration registration;
  private boolean reading = true;
  private int interest = SelectionKey.OP_READ;

  UdpTraffic(
      Generation generation,
      UdpOptions options,
      UdpConnection connection,
      DatagramTransport socket,
      InetSocketAddress local,
      Listener listener) {
    this.generation = generation;
    this.options = options;
    this.connection = connection;
    this.socket = socket;
    this.local = local;
    this.listener = listener;
  }

  void start() throws IOException {
    registration = socket.watch(generation.loop(), interest, this::ready);
  }

  /** Closes the socket, and forgets what waits: the engine settles that. */
  void close() {
    queue.clear();
    UdpSocket.close(socket);
  }

  boolean isOpen() {
    return socket.isOpen();
  }

  private void ready(int ops) {
    if ((ops & SelectionKey.OP_WRITE) != 0) {
      sendQueued(true);
    }
    if ((ops & SelectionKey.OP_READ) != 0) {
      receiveSome();
    }
  }

  private void updateInterest() {
    int wanted =
        (reading ? SelectionKey.OP_READ : 0) | (queue.isEmpty() ? 0 : SelectionKey.OP_WRITE);
    Loop.Registration registered = registration;
    if (registered != null && socket.isOpen() && wanted != interest) {
      interest = wanted;
      registered.interest(wanted);
    }
  }

  // ------------------------------------------------------------------------------------ sending

  void send(Outgoing<OutgoingDatagram> message) {
    queue.add(message);
    if (queue.size() == 1) {
      sendQueued(false);
    }
  }

  boolean hasSentAll() {
    return queue.isEmpty();
  }

  /**
   * Sends what the system takes.
   *
   * @param room whether the system has just said that there is room
   */
  private void sendQueued(boolean room) {
    boolean surely = room;
    for (int i = 0; i < AT_ONCE; i++) {
      Outgoing<OutgoingDatagram> next = queue.peek();
      if (next == null || !socket.isOpen()) {
        break;
      }
      // Zero bytes taken means no room, or that an empty datagram went out: so an empty one is sent
      // only when there is room for sure.
      boolean empty = next.payload().isEmpty();
      if ((empty && !surely) || !sendFirst(next)) {
        break;
      }
      surely = false;
    }
    updateInterest();
    if (socket.isOpen() && queue.isEmpty()) {
      listener.allSent();
    }
  }

  /** Returns whether it is settled; if not, there is no room for it, or the socket is lost. */
  private boolean sendFirst(Outgoing<OutgoingDatagram> message) {
    OutgoingDatagram datagram = message.payload();
    try {
      if (put(datagram) == 0 && !datagram.isEmpty()) {
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

  private int put(OutgoingDatagram datagram) throws IOException {
    try {
      return socket.send(datagram.data().duplicate(), datagram.to());
    } catch (PortUnreachableException e) {
      report(e); // that was about an earlier one, and this was not sent
      return socket.send(datagram.data().duplicate(), datagram.to());
    }
  }

  // ---------------------------------------------------------------------------------- receiving

  private void receiveSome() {
    int failures = 0;
    for (int i = 0; i < AT_ONCE && reading && socket.isOpen(); i++) {
      try {
        if (!receiveOne()) {
          break;
        }
      } catch (IOException e) {
        failures++;
        // Each report clears the one error it is about; what keeps failing is broken.
        if (failures == AT_ONCE) {
          lost(String.valueOf(e.getMessage()), e);
        } else if (!endIfLost(e)) {
          report(e);
        }
      }
    }
    updateInterest();
  }

  private boolean receiveOne() throws IOException {
    ByteBuffer room = RECEIVED.get().duplicate();
    InetSocketAddress sender = socket.receive(room);
    if (sender == null) {
      return false;
    }
    int size = room.position();
    byte[] data = new byte[size];
    RECEIVED.get().duplicate().get(data);
    Datagram datagram = new Datagram(sender, ByteBuffer.wrap(data));
    reading = generation.deliver(size, () -> options.onDatagram().accept(connection, datagram));
    return true;
  }

  void resumeReading() {
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
    if (isCut(e)) {
      lost(String.valueOf(e.getMessage()), e);
      return true;
    } else if (e instanceof IOException && hasLostItsAddress()) {
      lost("this system has no address " + local.getHostString() + " any more", e);
      return true;
    }
    return false;
  }

  private void lost(String detail, Exception e) {
    listener.lost(CloseReason.of(CloseReason.Kind.NETWORK_LOST, detail, e));
  }

  private boolean hasLostItsAddress() {
    return !local.getAddress().isAnyLocalAddress()
        && !generation.network().hasAddress(local.getAddress());
  }

  /**
   * Whether the system has taken the socket away (ECONNABORTED), as Android does when it denies the
   * app the network. Java has no exception of its own for that.
   */
  private static boolean isCut(Exception e) {
    String message = e.getMessage();
    return message != null && message.contains("Software caused connection abort");
  }
}
