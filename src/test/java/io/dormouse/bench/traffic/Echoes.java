package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import java.io.Closeable;
import java.io.IOException;

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
    WEB_SOCKET;

    int port(Setting setting) {
      return this == TCP ? setting.ports().tcpEcho() : setting.ports().webSocketEcho();
    }
  }

  /** Sends the first message on each connection. May return at once, or when the rally is over. */
  void play(Rally rally) throws IOException;

  /** Opens connections; only the classes of their own library are loaded. */
  static Echoes of(Setting setting, Protocol protocol, int size, int connections) throws Exception {
    int port = protocol.port(setting);
    return switch (setting.library()) {
      case "dormouse" -> new DormouseEchoes(protocol, port, size, connections);
      case "bare" ->
          protocol == Protocol.TCP && connections == 1
              ? new BlockingEcho(port, size)
              : new LoopEchoes(protocol, port, size, connections);
      case "copying" -> new CopyingEchoes(protocol, port, size, connections);
      case "two-threads" -> new TwoThreadEchoes(protocol, port, size, connections);
      case "netty" -> new NettyEchoes(port, size, connections);
      case "java-websocket" -> new JavaWebSocketEchoes(port, size, connections);
      case "okhttp" -> new OkHttpEchoes(port, size, connections);
      default -> throw new IllegalArgumentException("no echoes of " + setting.library());
    };
  }
}
