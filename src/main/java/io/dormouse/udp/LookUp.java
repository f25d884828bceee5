package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what an attempt must know of the world at this moment. It may block, so it runs on a
 * worker thread; each attempt asks anew, since the app may return into another network.
 */
final class LookUp {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /**
   * What there is now.
   *
   * @param peers where to connect to, in order of preference; empty if there is nothing to connect
   *     to
   * @param multicastInterface by which multicast goes out; empty for the system's choice
   * @param joins the groups to join
   */
  record Found(
      List<InetSocketAddress> peers,
      Optional<NetworkInterface> multicastInterface,
      List<Join> joins) {
    static final Found NOTHING = new Found(List.of(), Optional.empty(), List.of());
  }

  /** A group, and the interfaces of which at least one must take it. */
  record Join(InetAddress group, List<NetworkInterface> interfaces) {}

  private final UdpOptions options;

  private LookUp(UdpOptions options) {
    this.options = options;
  }

  static Found run(UdpOptions options) throws AttemptFailedException {
    return new LookUp(options).run();
  }

  private Found run() throws AttemptFailedException {
    List<InetSocketAddress> peers = List.of();
    if (options.peer().isPresent()) {
      peers = peers(options.peer().get());
    }
    Optional<NetworkInterface> out = Optional.empty();
    if (options.multicastInterface().isPresent()) {
      out = Optional.of(byName(options.multicastInterface().get()));
    }
    List<Join> joins = new ArrayList<>();
    for (Group group : options.groups()) {
      joins.add(new Join(group.address(), interfaces(group)));
    }
    return new Found(peers, out, joins);
  }

  private List<InetSocketAddress> peers(Supplier<InetSocketAddress> supplier)
      throws AttemptFailedException {
    InetSocketAddress peer = ask(supplier);
    if (!peer.isUnresolved()) {
      return List.of(peer);
    }
    List<InetSocketAddress> usable = new ArrayList<>();
    String host = peer.getHostString();
    for (InetAddress address : resolve(host)) {
      if (options.speaksTo(address)) {
        usable.add(new InetSocketAddress(address, peer.getPort()));
      }
    }
    if (usable.isEmpty()) {
      String protocol = options.family().map(Object::toString).orElse("");
      throw new AttemptFailedException(
          CloseReason.Kind.UNRESOLVED, host + " has no address of the family " + protocol);
    }
    return usable;
  }

  private static InetSocketAddress ask(Supplier<InetSocketAddress> supplier)
      throws AttemptFailedException {
    InetSocketAddress peer;
    try {
      peer = supplier.get();
    } catch (Exception | Error e) {
      // Also what is not declared, as from Kotlin; the app's text may hold anything, so only the
      // cause has it.
      String detail = "the supplier of the address threw " + e.getClass().getName();
      throw new AttemptFailedException(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, detail, e));
    }
    if (peer == null) {
      throw new AttemptFailedException(
          CloseReason.Kind.SUPPLIER_FAILED, "the supplier of the address gave null");
    }
    return peer;
  }

  private static InetAddress[] resolve(String host) throws AttemptFailedException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new AttemptFailedException(
          CloseReason.of(CloseReason.Kind.UNRESOLVED, host + " has no address now", e));
    }
  }

  private List<NetworkInterface> interfaces(Group group) throws AttemptFailedException {
    if (group.networkInterface().isPresent()) {
      return List.of(byName(group.networkInterface().get()));
    }
    List<NetworkInterface> usable = new ArrayList<>();
    for (NetworkInterface each : all()) {
      if (takesPart(each, group)) {
        usable.add(each);
      }
    }
    if (usable.isEmpty()) {
      throw new AttemptFailedException(
          CloseReason.Kind.CONNECT_FAILED,
          "no network interface takes part in multicast now, as joining "
              + group.address().getHostAddress()
              + " needs");
    }
    return usable;
  }

  private static boolean takesPart(NetworkInterface candidate, Group group) {
    try {
      return candidate.isUp()
          && candidate.supportsMulticast()
          && Collections.list(candidate.getInetAddresses()).stream()
              .anyMatch(address -> Group.familyOf(address) == group.family());
    } catch (SocketException e) {
      log.debug("the network interface {} has gone", candidate.getName(), e);
      return false;
    }
  }

  private static NetworkInterface byName(String name) throws AttemptFailedException {
    NetworkInterface found;
    try {
      found = NetworkInterface.getByName(name);
    } catch (SocketException e) {
      throw new AttemptFailedException(
          CloseReason.Kind.CONNECT_FAILED, "look-up of the network interface " + name, e);
    }
    if (found == null) {
      throw new AttemptFailedException(
          CloseReason.Kind.CONNECT_FAILED, "there is no network interface " + name + " now");
    }
    return found;
  }

  private static List<NetworkInterface> all() throws AttemptFailedException {
    try {
      Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
      return all == null ? List.of() : Collections.list(all); // null before JDK 14: none
    } catch (SocketException e) {
      throw new AttemptFailedException(
          CloseReason.Kind.CONNECT_FAILED, "look-up of the network interfaces", e);
    }
  }
}
