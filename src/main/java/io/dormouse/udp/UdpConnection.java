package io.dormouse.udp;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A UDP socket that sleeps in the background and wakes in the foreground, as a new socket with the
 * same port, options and multicast groups.
 *
 * <p>Every accepted send has one outcome, on its future: handed to the system, which doesn't mean
 * that it arrives, or failed with a {@link io.dormouse.connection.SendFailedException}. A datagram
 * that the system refuses fails alone; those before and after it are not affected. While the
 * connection is not open, sends fail with a {@link io.dormouse.connection.NotOpenException}.
 */
public interface UdpConnection extends Connection {
  /**
   * Sends a datagram to the address that the connection is connected to.
   *
   * @param data from its position to its limit, neither of which is moved; must not be changed
   *     before the future is done
   * @return the outcome; never null
   * @throws IllegalStateException if the connection was registered without {@code connectTo}
   * @throws IllegalArgumentException if it is empty, which Java can't send over a connected socket,
   *     or longer than a datagram can be: 65,507 bytes over IPv4, 65,527 over IPv6 (RFC 768, RFC
   *     791 and RFC 8200: what 16 bits of length leave)
   */
  CompletableFuture<Void> send(ByteBuffer data);

  /**
   * Sends a datagram to an address: of one host, of a multicast group, or with {@link
   * UdpBuilder#broadcast} of a whole network. A connection with {@code connectTo} takes only the
   * address that it is connected to.
   *
   * @param data from its position to its limit, neither of which is moved; must not be changed
   *     before the future is done; none makes an empty datagram, if the connection is not connected
   * @param to resolved, with a port other than 0
   * @return the outcome; never null
   * @throws IllegalArgumentException if {@code to} can't be sent to, or the datagram is empty or
   *     too long, as for {@link #send(ByteBuffer)}
   */
  CompletableFuture<Void> send(ByteBuffer data, InetSocketAddress to);

  /**
   * Sends a datagram, as {@link #send(ByteBuffer)} does.
   *
   * @param data must not be changed before the future is done
   * @return the outcome; never null
   * @throws IllegalStateException if the connection was registered without {@code connectTo}
   * @throws IllegalArgumentException if the datagram is empty or too long
   */
  default CompletableFuture<Void> send(byte[] data) {
    return send(ByteBuffer.wrap(Check.given(name(), "data", data)));
  }

  /**
   * Sends a datagram to an address, as {@link #send(ByteBuffer, InetSocketAddress)} does.
   *
   * @param data must not be changed before the future is done
   * @param to resolved, with a port other than 0
   * @return the outcome; never null
   * @throws IllegalArgumentException if {@code to} can't be sent to, or the datagram is empty or
   *     too long
   */
  default CompletableFuture<Void> send(byte[] data, InetSocketAddress to) {
    return send(ByteBuffer.wrap(Check.given(name(), "data", data)), to);
  }

  /**
   * {@return the address that the socket is bound to, which tells the port that the system chose;
   * empty while there is no socket}
   */
  Optional<InetSocketAddress> localAddress();

  /**
   * {@return the address that the socket is connected to; empty while there is no socket, and
   * without {@code connectTo}}
   */
  Optional<InetSocketAddress> remoteAddress();
}
