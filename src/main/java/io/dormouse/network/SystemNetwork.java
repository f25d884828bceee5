package io.dormouse.network;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The system's own sockets, resolver and clock. */
final class SystemNetwork implements Network {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  static final SystemNetwork INSTANCE = new SystemNetwork();

  private SystemNetwork() {}

  @Override
  public Transport openStream(TransportOptions options) throws IOException {
    return SocketTransport.open(options);
  }

  @Override
  public DatagramTransport openDatagrams(Optional<ProtocolFamily> family) throws IOException {
    return DatagramSocketTransport.open(family);
  }

  @Override
  public List<LocalInterface> interfaces() throws SocketException {
    List<LocalInterface> all = new ArrayList<>();
    Enumeration<NetworkInterface> tops = NetworkInterface.getNetworkInterfaces();
    if (tops != null) { // null before JDK 14: there are none
      for (NetworkInterface top : Collections.list(tops)) {
        all.add(look(top, takesMulticast(top)));
        for (NetworkInterface part : Collections.list(top.getSubInterfaces())) {
          all.add(look(part, false));
        }
      }
    }
    return all;
  }

  private static LocalInterface look(NetworkInterface at, boolean takesMulticast) {
    List<InetAddress> addresses = Collections.list(at.getInetAddresses());
    return new LocalInterface(at.getName(), at.getIndex(), takesMulticast, addresses, at);
  }

  private static boolean takesMulticast(NetworkInterface candidate) {
    try {
      return candidate.isUp() && candidate.supportsMulticast();
    } catch (SocketException e) {
      log.debug("the network interface {} has gone", candidate.getName(), e);
      return false;
    }
  }

  /**
   * Asks the system in the one way that knows all its rules: whole networks may be its own, as
   * 127.0.0.0/8 is on Linux, of which the interfaces list one address.
   */
  @Override
  public boolean hasAddress(InetAddress address) {
    ProtocolFamily family =
        address instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    try (DatagramTransport probe = openDatagrams(Optional.of(family))) {
      probe.bind(new InetSocketAddress(address, 0));
      return true;
    } catch (BindException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      return true; // no more descriptors, for one: that says nothing of the address
    }
  }

  @Override
  public List<InetAddress> resolve(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
