package io.dormouse.bench.crowd;

import io.dormouse.bench.Setting;
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
    /** WebSocket over TLS. */
    SECURE_WEB_SOCKET,
    /** Half of them TCP, half WebSocket. */
    BOTH;

    int tcp(int connections) {
      return this == TCP ? connections : this == BOTH ? connections / 2 : 0;
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
    return of(setting.library(), Site.of(setting.ports(), kind, connections));
  }

  /** Makes a crowd that goes there. */
  static Crowd of(String library, Site site) {
    return switch (library) {
      case "dormouse" -> new DormouseCrowd(site);
      case "bare" -> new BareCrowd(site);
      case "netty" -> new NettyCrowd(site.ports(), site.connections());
      case "java-websocket" -> new JavaWebSocketCrowd(site);
      case "okhttp" -> new OkHttpCrowd(site);
      case "scarlet" -> new ScarletCrowd(site.ports(), site.connections());
      default -> throw new IllegalArgumentException("no crowd of " + library);
    };
  }
}
