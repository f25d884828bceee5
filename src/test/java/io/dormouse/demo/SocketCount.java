package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OsSockets.OsSocket;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * This process's sockets to the demo's targets, as the operating system counts them. The servers'
 * own ends are not among them: these have the port on their side.
 */
final class SocketCount {
  private final List<Target> targets;

  /** What was there already, such as Maven's connections to a repository. */
  private final Set<Ends> others;

  SocketCount(List<Target> targets) {
    this.targets = List.copyOf(targets);
    this.others =
        OsSockets.isAvailable()
            ? OsSockets.list().stream().map(Ends::of).collect(Collectors.toSet())
            : Set.of();
  }

  /** Counts them now; empty if this system does not tell. */
  OptionalLong now() {
    return OsSockets.isAvailable()
        ? OptionalLong.of(OsSockets.count(this::isOurs))
        : OptionalLong.empty();
  }

  private boolean isOurs(OsSocket socket) {
    return targets.stream().anyMatch(target -> leadsTo(target, socket))
        && !others.contains(Ends.of(socket));
  }

  private static boolean leadsTo(Target target, OsSocket socket) {
    boolean udp = socket.protocol().startsWith("udp");
    return socket.remotePort() == target.port()
        && udp == (target.service().kind() == ConnectionKind.UDP);
  }

  /** What stays the same as long as a socket is the same. */
  private record Ends(String protocol, int localPort, int remotePort) {
    static Ends of(OsSocket socket) {
      return new Ends(socket.protocol(), socket.localPort(), socket.remotePort());
    }
  }
}
