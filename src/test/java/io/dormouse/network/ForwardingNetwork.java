package io.dormouse.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The system's network; a test overrides what it plays itself. */
public class ForwardingNetwork implements Network {
  private final Network system = Network.system();

  @Override
  public Transport openStream(TransportOptions options) throws IOException {
    return system.openStream(options);
  }

  @Override
  public DatagramTransport openDatagrams(Optional<ProtocolFamily> family) throws IOException {
    return system.openDatagrams(family);
  }

  @Override
  public List<LocalInterface> interfaces() throws SocketException {
    return system.interfaces();
  }

  @Override
  public boolean hasAddress(InetAddress address) {
    return system.hasAddress(address);
  }

  @Override
  public List<InetAddress> resolve(String host) throws UnknownHostException {
    return system.resolve(host);
  }

  @Override
  public Instant now() {
    return system.now();
  }

  @Override
  public double random() {
    return system.random();
  }
}
