package io.dormouse.bench.crowd;

import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Ports;
import java.io.Closeable;
import java.time.Duration;

/** Many connections to the server that come and go together. */
public interface Crowd extends Closeable {
  /** What is not there by then has not come. */
  Duration LIMIT = Duration.ofSeconds(15);

  /** What a connection speaks. */
  enum Kind {
    TCP,
    WEB_SOCKET,
    /** Half of them TCP, half WebSocket. */
    BOTH;

    int tcp(int connections) {
      return this == TCP ? connections : this == BOTH ? connections / 2 : 0;
    }

    int webSockets(int connections) {
      return connections - tcp(connections);
    }
  }

  /** Opens all and waits for the last. Returns how many did not come. */
  int open() throws Exception;

  /**
   * Closes all gracefully (a WebSocket with its closing handshake, TCP with a FIN each way) and
   * waits until no socket is left. Returns how many were not gone in time.
   */
  int leave() throws Exception;

  /** Makes a crowd; only the classes of its own library are loaded. */
  static Crowd of(Setting setting, Kind kind, int connections) {
    Ports ports = setting.ports();
    return switch (setting.library()) {
      case "dormouse" -> new DormouseCrowd(ports, kind, connections);
      case "bare" -> new BareCrowd(ports, kind, connections);
      case "netty" -> new NettyCrowd(ports, connections);
      case "java-websocket" -> new JavaWebSocketCrowd(ports, kind, connections);
      case "okhttp" -> new OkHttpCrowd(ports, connections);
      case "scarlet" -> new ScarletCrowd(ports, connections);
      default -> throw new IllegalArgumentException("no crowd of " + setting.library());
    };
  }
}
