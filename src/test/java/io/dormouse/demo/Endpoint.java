package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.LocalServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.util.Optional;

/**
 * A target, and the server there if it is the demo's own: that one sends back what it gets, and may
 * be killed. Of the user's servers nothing is known.
 *
 * @param target where
 * @param server the demo's own server
 */
record Endpoint(Target target, Optional<LocalServer> server) implements AutoCloseable {
  /** Returns what the user gave, or starts a server. */
  static Endpoint open(ConnectionKind kind, Arguments arguments) {
    Target given = arguments.targets().get(kind);
    if (given != null) {
      return new Endpoint(given, Optional.empty());
    }
    LocalServer server =
        switch (kind) {
          case HTTP -> new HttpEchoServer();
          case TCP -> new TcpEchoServer();
          case UDP -> new UdpEchoServer();
          case WEBSOCKET -> new WebSocketEchoServer();
        };
    server.start();
    return new Endpoint(Target.local(kind, server.port()), Optional.of(server));
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
