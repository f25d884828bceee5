package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.network.LocalInterface;
import io.dormouse.network.Network;
import io.dormouse.udp.Resolved.Join;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks up what the names of network interfaces in a connection's options stand for. It may block,
 * so it runs off the loop; each attempt looks anew, since the app may return into another network.
 */
final class Resolver {
  private final UdpOptions options;
  private final Network network;

  Resolver(UdpOptions options, Network network) {
    this.options = options;
    this.network = network;
  }

  /** Looks up all interfaces. */
  Resolved resolve() throws AttemptFailedException {
    Optional<LocalInterface> out = Optional.empty();
    if (options.multicastInterface().isPresent()) {
      out = Optional.of(byName(options.multicastInterface().get()));
    }
    return new Resolved(List.of(), out, joins());
  }

  /** Looks up which interfaces take part in the groups. */
  List<Join> joins() throws AttemptFailedException {
    List<Join> joins = new ArrayList<>();
    for (Group group : options.groups()) {
      joins.add(new Join(group.address(), interfaces(group)));
    }
    return joins;
  }

  private List<LocalInterface> interfaces(Group group) throws AttemptFailedException {
    if (group.networkInterface().isPresent()) {
      return List.of(byName(group.networkInterface().get()));
    }
    List<LocalInterface> usable = new ArrayList<>();
    for (LocalInterface each : all()) {
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

  private static boolean takesPart(LocalInterface candidate, Group group) {
    return candidate.takesMulticast()
        && candidate.addresses().stream()
            .anyMatch(address -> Group.familyOf(address) == group.family());
  }

  private LocalInterface byName(String name) throws AttemptFailedException {
    for (LocalInterface each : all()) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    throw new AttemptFailedException(
        CloseReason.Kind.CONNECT_FAILED, "there is no network interface " + name + " now");
  }

  private List<LocalInterface> all() throws AttemptFailedException {
    try {
      return network.interfaces();
    } catch (SocketException e) {
      throw new AttemptFailedException(
          CloseReason.Kind.CONNECT_FAILED, "look-up of the network interfaces", e);
    }
  }
}
