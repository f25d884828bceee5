package io.dormouse.demo;

import io.dormouse.support.Certificates;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.LocalServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A target, and the server there if it is the demo's own: that one sends back what it gets, and may
 * be killed. Of the user's servers nothing is known.
 *
 * @param target where
 * @param server the demo's own server
 */
record Endpoint(Target target, Optional<LocalServer> server) implements AutoCloseable {
  /** Returns what the user gave, or starts a server. */
  static Endpoint open(Service service, Arguments arguments) {
    Target given = arguments.targets().get(service);
    if (given != null) {
      return new Endpoint(given, Optional.empty());
    }
    LocalServer server =
        switch (service) {
          case API -> new HttpEchoServer();
          case TELEMETRY -> new TcpEchoServer();
          case DISCOVERY -> new UdpEchoServer();
          case CHAT -> new WebSocketEchoServer();
          case SECURE_TCP -> new TcpEchoServer(certified());
          case SECURE_WS -> new WebSocketEchoServer(certified());
        };
    server.start();
    return new Endpoint(Target.local(service, server.port()), Optional.of(server));
  }

  private static SSLContext certified() {
    return Certificates.server(Certificates.LOCALHOST).sslContext();
  }

  /** Returns whether what is sent there comes back. */
  boolean echoes() {
    return server.isPresent();
  }

  @Override
  public void close() {
    server.ifPresent(LocalServer::close);
  }
}
