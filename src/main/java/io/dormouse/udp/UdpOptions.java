package io.dormouse.udp;

import io.dormouse.network.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What a UDP connection was registered with.
 *
 * @param family the one protocol that the socket speaks; empty for what the system has
 * @param bind the local address; empty for a port that the system chooses
 * @param peer whom to connect to; empty for nobody
 * @param groups the multicast groups, all of {@code family}
 * @param multicastInterface the name of the one that multicast goes out by; empty for the system's
 *     choice
 * @param socketOptions what to set before the socket is bound
 * @param onDatagram takes what is received
 * @param onError takes what an earlier datagram met with; empty for the log
 */
record UdpOptions(
    Optional<ProtocolFamily> family,
    Optional<InetSocketAddress> bind,
    Optional<Endpoint> peer,
    List<Group> groups,
    Optional<String> multicastInterface,
    Map<SocketOption<?>, Object> socketOptions,
    BiConsumer<? super UdpConnection, Datagram> onDatagram,
    Optional<BiConsumer<? super UdpConnection, IOException>> onError) {

  /** Whether an attempt has to look for network interfaces. */
  boolean namesInterfaces() {
    return !groups.isEmpty() || multicastInterface.isPresent();
  }

  /** Whether a socket of this family can reach, or be bound to, an address. */
  boolean speaksTo(InetAddress address) {
    return family.map(only -> only == Group.familyOf(address)).orElse(true);
  }
}
