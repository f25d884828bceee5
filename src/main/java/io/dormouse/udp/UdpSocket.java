package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.LocalInterface;
import io.dormouse.network.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a socket as the app wants it. Never blocks. */
final class UdpSocket {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private UdpSocket() {}

  /** A step that the system may refuse. */
  private interface Step {
    void run() throws IOException;
  }

  /**
   * Returns a new socket.
   *
   * @throws AttemptFailedException if the system refuses a step; no socket is left then
   */
  static DatagramTransport open(Network network, UdpOptions options, Resolved resolved)
      throws AttemptFailedException {
    DatagramTransport socket = openUnbound(network, options);
    boolean done = false;
    try {
      attempt("setting the socket's options", () -> configure(socket, options, resolved));
      InetSocketAddress local = localAddress(options);
      attempt("bind to " + text(local), () -> socket.bind(local));
      for (Resolved.Join join : resolved.joins()) {
        String group = join.group().getHostAddress();
        attempt("joining the group " + group, () -> join(socket, join));
      }
      if (!resolved.peers().isEmpty()) {
        attempt("connect to " + text(resolved.peers().get(0)), () -> connect(socket, resolved));
      }
      done = true;
      return socket;
    } finally {
      if (!done) {
        close(socket);
      }
    }
  }

  static void close(DatagramTransport socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("a UDP socket did not close in good order", e);
    }
  }

  private static DatagramTransport openUnbound(Network network, UdpOptions options)
      throws AttemptFailedException {
    String what = "opening a socket";
    try {
      return network.openDatagrams(options.family());
    } catch (IOException e) { // nothing has been asked of it yet
      throw new AttemptFailedException(CloseReason.Kind.RESOURCE_EXHAUSTED, what, e);
    } catch (UnsupportedOperationException e) {
      throw new AttemptFailedException(CloseReason.Kind.CONNECT_FAILED, what, e);
    }
  }

  private static void attempt(String what, Step step) throws AttemptFailedException {
    try {
      step.run();
    } catch (IOException | UnsupportedOperationException e) {
      throw new AttemptFailedException(CloseReason.Kind.CONNECT_FAILED, what, e);
    }
  }

  private static void configure(DatagramTransport socket, UdpOptions options, Resolved resolved)
      throws IOException {
    for (Map.Entry<SocketOption<?>, Object> option : options.socketOptions().entrySet()) {
      set(socket, option.getKey(), option.getValue());
    }
    if (resolved.multicastInterface().isPresent()) {
      socket.multicastBy(resolved.multicastInterface().get());
    }
  }

  private static <T> void set(DatagramTransport socket, SocketOption<T> option, Object value)
      throws IOException {
    socket.setOption(option, option.type().cast(value));
  }

  private static @Nullable InetSocketAddress localAddress(UdpOptions options) {
    InetSocketAddress wanted = options.bind().orElse(null);
    boolean onlyIpv4 = options.family().orElse(null) == StandardProtocolFamily.INET;
    if (wanted == null || !onlyIpv4 || !wanted.getAddress().isAnyLocalAddress()) {
      return wanted;
    }
    // "Any address" is an IPv6 address where the system has IPv6.
    return new InetSocketAddress(anyIpv4(), wanted.getPort());
  }

  private static InetAddress anyIpv4() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (IOException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  /** Joins a group by each interface that takes it; one of them has to. */
  private static void join(DatagramTransport socket, Resolved.Join join) throws IOException {
    int joined = 0;
    IOException refused = new IOException("no network interface takes it");
    for (LocalInterface each : join.interfaces()) {
      try {
        socket.join(join.group(), each);
        joined++;
      } catch (IOException e) {
        log.debug("{} does not take {}", each.name(), join.group(), e);
        refused = e;
      }
    }
    if (joined == 0) {
      throw refused;
    }
  }

  /** Joins a group by one interface; returns false if it does not take it. */
  static boolean join(DatagramTransport socket, InetAddress group, LocalInterface by) {
    try {
      join(socket, new Resolved.Join(group, List.of(by)));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Connects to the first address that there is a way to; that sends nothing. */
  private static void connect(DatagramTransport socket, Resolved resolved) throws IOException {
    IOException refused = new IOException("no address");
    for (InetSocketAddress peer : resolved.peers()) {
      try {
        socket.connect(peer);
        return;
      } catch (IOException e) {
        refused = e;
      }
    }
    throw refused;
  }

  private static String text(@Nullable InetSocketAddress address) {
    if (address == null) {
      return "a free port";
    }
    return address.getAddress().isAnyLocalAddress()
        ? "port " + address.getPort()
        : address.getHostString() + ":" + address.getPort();
  }
}
