package io.dormouse.tcp;

import io.dormouse.connection.Connection;
import io.dormouse.connection.TlsSession;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A TCP connection that sleeps in the background and wakes in the foreground, on a new socket. */
public interface TcpConnection extends Connection, TcpSender {
  /**
   * {@return the host and port that {@code connectTo} said, unresolved; empty if a supplier is
   * asked}
   */
  Optional<InetSocketAddress> target();

  /** {@return the address of this side's socket; empty while there is none} */
  Optional<InetSocketAddress> localAddress();

  /** {@return the address that the socket is connected to; empty while there is none} */
  Optional<InetSocketAddress> remoteAddress();

  /** {@return what TLS agreed on for the socket; empty while there is none, or without TLS} */
  Optional<TlsSession> tlsSession();
}
