package io.dormouse.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The system's own sockets, resolver and clock. */
final class SystemNetwork implements Network {
  static final SystemNetwork INSTANCE = new SystemNetwork();

  private SystemNetwork() {}

  @Override
  public Transport openStream(TransportOptions options) throws IOException {
    return SocketTransport.open(options);
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
