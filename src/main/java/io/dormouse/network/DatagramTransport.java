package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking socket for datagrams. It is set up in this order: options, {@link #bind}, {@link
 * #join}, {@link #connect}; then it sends and receives. On a connected one the system reports what
 * an ICMP message said of an earlier datagram, and it does so in the place of the next thing that
 * is asked of the socket, be that a read or a write. Loop only.
 */
public interface DatagramTransport extends Channel {
  /** Sets an option of the socket. */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /** Has multicast go out by this interface. */
  void multicastBy(LocalInterface by) throws IOException;

  /**
   * Binds the socket.
   *
   * @param local null for a port of the system's choice
   */
  void bind(@Nullable InetSocketAddress local) throws IOException;

  /** Receives what is sent to a group by way of this interface, until it is closed. */
  void join(InetAddress group, LocalInterface by) throws IOException;

  /** From now on sends to this address and receives from it only; nothing is sent by that. */
  void connect(InetSocketAddress to) throws IOException;

  /**
   * Has {@code handler} called on the loop when what is wanted can be tried.
   *
   * @param ops what is wanted first, in the bits of {@link java.nio.channels.SelectionKey}
   */
  Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException;

  /**
   * Sends a datagram.
   *
   * @param to null for the address that it is connected to
   * @return how many bytes were taken: all, or 0 if there is no room now
   * @throws RuntimeException if the address can't be one of this socket's
   */
  int send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException;

  /** Receives a datagram. Returns who sent it; null if there is none now. */
  @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException;

  /** Returns its own address. */
  InetSocketAddress localAddress() throws IOException;

  /** Returns the address it is connected to; null if it isn't. */
  @Nullable InetSocketAddress remoteAddress() throws IOException;
}
