package io.dormouse.bench.traffic;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Dormouse, with its defaults. */
final class DormouseEchoes implements Echoes {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final List<Runnable> first = new ArrayList<>();
  private final ByteBuffer message;
  private volatile Rally rally;

  DormouseEchoes(Protocol protocol, int port, int size, int connections) throws Exception {
    message = ByteBuffer.allocate(size);
    for (int i = 0; i < connections; i++) {
      Answer answer = new Answer(size);
      first.add(protocol == Protocol.TCP ? tcp(i, port, answer) : webSocket(i, port, answer));
    }
    lifecycle.onForeground();
    registry.resumed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private Runnable tcp(int number, int port, Answer answer) {
    TcpConnection connection =
        registry
            .tcp("tcp " + number)
            .connectTo("127.0.0.1", port)
            .onData(
                (tcp, bytes) -> {
                  if (answer.isWholeWith(bytes.remaining()) && rally.returned()) {
                    send(tcp);
                  }
                })
            .register();
    return () -> send(connection);
  }

  private Runnable webSocket(int number, int port, Answer answer) {
    WebSocketConnection connection =
        registry
            .webSocket("ws " + number)
            .connectTo("ws://127.0.0.1:" + port + "/")
            .onBinary(
                (webSocket, data) -> {
                  if (answer.isWholeWith(data.remaining()) && rally.returned()) {
                    send(webSocket);
                  }
                })
            .register();
    return () -> send(connection);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
  private void send(TcpConnection connection) {
    connection.send(message);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
  private void send(WebSocketConnection connection) {
    connection.sendBinary(message);
  }

  @Override
  public void play(Rally rally) {
    this.rally = rally;
    first.forEach(Runnable::run);
  }

  @Override
  public void close() {
    registry.close();
  }
}
