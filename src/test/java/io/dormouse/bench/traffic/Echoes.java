package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Ports;
import io.dormouse.bench.load.Trust;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Connections to the server's echo, all open. What each does is what an app would: the answer is
 * taken where the library hands it out, and the next message sent from there.
 */
interface Echoes extends Closeable {
  /** What is waited for while opening. */
  int LIMIT_SECONDS = 15;

  /** What a connection speaks. */
  enum Protocol {
    TCP,
    /** The same, and what comes is lent to the app for the time of a call. */
    BORROWED_TCP,
    WEB_SOCKET,
    /** WebSocket over TLS. */
    SECURE_WEB_SOCKET,
    /** WebSocket with permessage-deflate, and texts instead of zeros. */
    COMPRESSED_WEB_SOCKET;

    int port(Setting setting) {
      Ports ports = setting.ports();
      return switch (this) {
        case TCP, BORROWED_TCP -> ports.tcpEcho();
        case WEB_SOCKET -> ports.webSocketEcho();
        case SECURE_WEB_SOCKET -> ports.secure().webSocketEcho();
        case COMPRESSED_WEB_SOCKET -> ports.compressingEcho();
      };
    }

    /** Returns whether the bytes are nobody's protocol. */
    boolean isTcp() {
      return this == TCP || this == BORROWED_TCP;
    }

    /** Returns where a WebSocket connects to. */
    String url(Setting setting) {
      return (this == SECURE_WEB_SOCKET ? "wss" : "ws") + "://127.0.0.1:" + port(setting) + "/";
    }

    /** Returns what TLS needs; empty if there is none. */
    Optional<Trust> trust(Setting setting) {
      return this == SECURE_WEB_SOCKET
          ? Optional.of(setting.ports().secure().trust())
          : Optional.empty();
    }
  }

  /** Sends the first message on each connection. May return at once, or when the rally is over. */
  void play(Rally rally) throws IOException;

  /** Opens connections; only the classes of their own library are loaded. */
  static Echoes of(Setting setting, Protocol protocol, int size, int connections) throws Exception {
    return switch (setting.library()) {
      case "dormouse" -> new DormouseEchoes(protocol, setting, size, connections);
      case "bare" ->
          protocol.isTcp() && connections == 1
              ? new BlockingEcho(protocol.port(setting), size)
              : new LoopEchoes(protocol, setting, size, connections);
      case "copying" -> new CopyingEchoes(protocol, setting, size, connections);
      case "two-threads" -> new TwoThreadEchoes(protocol, setting, size, connections);
      case "netty" -> new NettyEchoes(protocol.port(setting), size, connections);
      case "java-websocket" -> new JavaWebSocketEchoes(protocol, setting, size, connections);
      case "okhttp" -> new OkHttpEchoes(protocol, setting, size, connections);
      default -> throw new IllegalArgumentException("no echoes of " + setting.library());
    };
  }
}
