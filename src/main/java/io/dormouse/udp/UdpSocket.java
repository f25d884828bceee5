package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a socket as the app wants it. Never blocks. */
final class UdpSocket {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private UdpSocket() {}

  /** The system that this runs on. */
  static final UdpSystem SYSTEM =
      new UdpSystem() {
        @Override
        public DatagramChannel open(UdpOptions options, Resolved resolved)
            throws AttemptFailedException {
          return UdpSocket.open(options, resolved);
        }

        @Override
        public List<NetworkInterface> networkInterfaces() throws SocketException {
          Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
          return all == null ? List.of() : Collections.list(all); // null before JDK 14: none
        }

        @Override
        public boolean hasAddress(InetAddress address) {
          return UdpSocket.canBindTo(address);
        }
      };

  /** A step that the system may refuse. */
  private interface Step {
    void run() throws IOException;
  }

  /** Returns a new socket, or none: on a failure it has been closed again. */
  static DatagramChannel open(UdpOptions options, Resolved resolved) throws AttemptFailedException {
    DatagramChannel channel = openChannel(options);
    boolean done = false;
    try {
      attempt("setting the socket's options", () -> configure(channel, options, resolved));
      InetSocketAddress local = localAddress(options);
      attempt("bind to " + text(local), () -> channel.bind(local));
      for (Resolved.Join join : resolved.joins()) {
        String group = join.group().getHostAddress();
        attempt("joining the group " + group, () -> join(channel, join));
      }
      if (!resolved.peers().isEmpty()) {
        attempt("connect to " + text(resolved.peers().get(0)), () -> connect(channel, resolved));
      }
      done = true;
      return channel;
    } finally {
      if (!done) {
        close(channel);
      }
    }
  }

  static void close(DatagramChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("a UDP socket did not close in good order", e);
    }
  }

  private static DatagramChannel openChannel(UdpOptions options) throws AttemptFailedException {
    try {
      return options.family().isPresent()
          ? DatagramChannel.open(options.family().get())
          : DatagramChannel.open();
    } catch (IOException e) { // nothing has been asked of it yet
      throw new AttemptFailedException(CloseReason.Kind.RESOURCE_EXHAUSTED, "opening a socket", e);
    } catch (UnsupportedOperationException e) {
      throw new AttemptFailedException(CloseReason.Kind.CONNECT_FAILED, "opening a socket", e);
    }
  }

  private static void attempt(String what, Step step) throws AttemptFailedException {
    try {
      step.run();
    } catch (IOException | UnsupportedOperationException e) {
      throw new AttemptFailedException(CloseReason.Kind.CONNECT_FAILED, what, e);
    }
  }

  private static void configure(DatagramChannel channel, UdpOptions options, Resolved resolved)
      throws IOException {
    channel.configureBlocking(false);
    for (Map.Entry<SocketOption<?>, Object> option : options.socketOptions().entrySet()) {
      set(channel, option.getKey(), option.getValue());
    }
    if (resolved.multicastInterface().isPresent()) {
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, resolved.multicastInterface().get());
    }
  }

  private static <T> void set(DatagramChannel channel, SocketOption<T> option, Object value)
      throws IOException {
    channel.setOption(option, option.type().cast(value));
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
  private static void join(DatagramChannel channel, Resolved.Join join) throws IOException {
    int joined = 0;
    IOException refused = new IOException("no network interface takes it");
    for (NetworkInterface each : join.interfaces()) {
      try {
        MembershipKey unused = channel.join(join.group(), each); // ends with the channel
        joined++;
      } catch (IOException e) {
        log.debug("{} does not take {}", each.getName(), join.group(), e);
        refused = e;
      }
    }
    if (joined == 0) {
      throw refused;
    }
  }

  /** Joins a group by one interface; returns false if it does not take it. */
  static boolean join(DatagramChannel channel, InetAddress group, NetworkInterface by) {
    try {
      join(channel, new Resolved.Join(group, List.of(by)));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Asks the system in the one way that knows all its rules: whole networks may be its own, as
   * 127.0.0.0/8 is on Linux, of which the interfaces list one address.
   */
  private static boolean canBindTo(InetAddress address) {
    try (DatagramChannel probe = DatagramChannel.open(Group.familyOf(address))) {
      probe.bind(new InetSocketAddress(address, 0));
      return true;
    } catch (BindException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      return true; // no more descriptors, for one: that says nothing of the address
    }
  }

  /** Connects to the first address that there is a way to; that sends nothing. */
  private static void connect(DatagramChannel channel, Resolved resolved) throws IOException {
    IOException refused = new IOException("no address");
    for (InetSocketAddress peer : resolved.peers()) {
      try {
        channel.connect(peer);
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
