package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
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

  /** Returns a new socket, or none: on a failure it has been closed again. */
  static DatagramChannel open(UdpOptions options, LookUp.Found found)
      throws AttemptFailedException {
    DatagramChannel channel = openChannel(options);
    boolean done = false;
    try {
      attempt("setting the socket's options", () -> configure(channel, options, found));
      InetSocketAddress local = localAddress(options);
      attempt("bind to " + text(local), () -> channel.bind(local));
      for (LookUp.Join join : found.joins()) {
        String group = join.group().getHostAddress();
        attempt("joining the group " + group, () -> join(channel, join));
      }
      if (!found.peers().isEmpty()) {
        attempt("connect to " + text(found.peers().get(0)), () -> connect(channel, found));
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
    } catch (IOException | UnsupportedOperationException e) {
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

  private static void configure(DatagramChannel channel, UdpOptions options, LookUp.Found found)
      throws IOException {
    channel.configureBlocking(false);
    for (Map.Entry<SocketOption<?>, Object> option : options.socketOptions().entrySet()) {
      set(channel, option.getKey(), option.getValue());
    }
    if (found.multicastInterface().isPresent()) {
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, found.multicastInterface().get());
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
  private static void join(DatagramChannel channel, LookUp.Join join) throws IOException {
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

  /** Connects to the first address that there is a way to; that sends nothing. */
  private static void connect(DatagramChannel channel, LookUp.Found found) throws IOException {
    IOException refused = new IOException("no address");
    for (InetSocketAddress peer : found.peers()) {
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
