package io.dormouse.udp;

import io.dormouse.network.LocalInterface;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What the names in a connection's options stand for at this moment.
 *
 * @param peers where to connect to, in order of preference; empty if there is nothing to connect to
 * @param multicastInterface by which multicast goes out; empty for the system's choice
 * @param joins the groups to join
 */
record Resolved(
    List<InetSocketAddress> peers, Optional<LocalInterface> multicastInterface, List<Join> joins) {
  /** For options without a name in them. */
  static final Resolved NOTHING = new Resolved(List.of(), Optional.empty(), List.of());

  /** Returns the same with these peers. */
  Resolved withPeers(List<InetSocketAddress> found) {
    return new Resolved(found, multicastInterface, joins);
  }

  /** A group, and the interfaces of which at least one must take it. */
  record Join(InetAddress group, List<LocalInterface> interfaces) {}
}
