package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Ports;
import io.dormouse.bench.load.Secure;
import io.dormouse.bench.load.Trust;
import java.util.Optional;
import okhttp3.Dns;

/**
 * Where a crowd's connections go.
 *
 * @param ports the server's
 * @param kind of them
 * @param connections how many
 * @param trust for TLS; there if the kind is secure
 * @param names if they go to hosts of different names: who knows the addresses
 */
record Site(
    Ports ports, Crowd.Kind kind, int connections, Optional<Trust> trust, Optional<Dns> names) {
  /** All to the same address. */
  static Site of(Ports ports, Crowd.Kind kind, int connections) {
    Optional<Trust> trust =
        kind == Crowd.Kind.SECURE_WEB_SOCKET
            ? Optional.of(ports.secure().trust())
            : Optional.empty();
    return new Site(ports, kind, connections, trust, Optional.empty());
  }

  int tcp() {
    return kind.tcp(connections);
  }

  int webSockets() {
    return connections - tcp();
  }

  int webSocketPort() {
    return trust.isPresent() ? ports.secure().webSocketEcho() : ports.webSocketEcho();
  }

  /** Returns the URL of a WebSocket. */
  String url(int number) {
    String host = names.isPresent() ? "host" + number + "." + Secure.DOMAIN : "127.0.0.1";
    return (trust.isPresent() ? "wss://" : "ws://") + host + ":" + webSocketPort() + "/";
  }
}
