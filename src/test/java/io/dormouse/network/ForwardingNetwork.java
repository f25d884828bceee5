package io.dormouse.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;

/** The system's network; a test overrides what it plays itself. */
public class ForwardingNetwork implements Network {
  private final Network system = Network.system();

  @Override
  public Transport openStream(TransportOptions options) throws IOException {
    return system.openStream(options);
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
