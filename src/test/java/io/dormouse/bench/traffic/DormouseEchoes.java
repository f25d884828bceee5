package io.dormouse.bench.traffic;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Trust;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Dormouse, with its defaults. */
final class DormouseEchoes implements Echoes {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final List<Runnable> first = new ArrayList<>();
  private final ByteBuffer message;
  private volatile Rally rally;

  DormouseEchoes(Protocol protocol, Setting setting, int size, int connections) throws Exception {
    // As the bare loop's and Netty's.
    message = protocol.isTcp() ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    Optional<Trust> trust = protocol.trust(setting);
    for (int i = 0; i < connections; i++) {
      Answer answer = new Answer(size);
      first.add(
          switch (protocol) {
            case TCP, BORROWED_TCP -> tcp(i, protocol, setting, answer);
            case COMPRESSED_WEB_SOCKET -> texts(i, protocol.url(setting), answer);
            default -> webSocket(i, protocol.url(setting), trust, answer);
          });
    }
    lifecycle.onForeground();
    registry.resumed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private Runnable tcp(int number, Protocol protocol, Setting setting, Answer answer) {
    BiConsumer<TcpConnection, ByteBuffer> callback =
        (tcp, bytes) -> {
          if (answer.isWholeWith(bytes.remaining()) && rally.returned()) {
            send(tcp);
          }
        };
    TcpBuilder builder =
        registry.tcp("tcp " + number).connectTo("127.0.0.1", protocol.port(setting));
    if (protocol == Protocol.BORROWED_TCP) {
      builder.onBorrowedData(callback);
    } else {
      builder.onData(callback);
    }
    TcpConnection connection = builder.register();
    return () -> send(connection);
  }

  private Runnable webSocket(int number, String url, Optional<Trust> trust, Answer answer) {
    WebSocketBuilder builder = registry.webSocket("ws " + number).connectTo(url);
    trust.ifPresent(it -> builder.tls(tls -> tls.sslContext(it.context())));
    WebSocketConnection connection =
        builder
            .onBinary(
                (webSocket, data) -> {
                  if (answer.isWholeWith(data.remaining()) && rally.returned()) {
                    send(webSocket);
                  }
                })
            .register();
    return () -> send(connection);
  }

  private Runnable texts(int number, String url, Answer answer) {
    JsonTexts texts = new JsonTexts();
    WebSocketConnection connection =
        registry
            .webSocket("ws " + number)
            .connectTo(url)
            .compression()
            .onText(
                (webSocket, text) -> {
                  if (answer.isWholeWith(text.length()) && rally.returned()) {
                    send(webSocket, texts);
                  }
                })
            .register();
    return () -> send(connection, texts);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
  private void send(TcpConnection connection) {
    connection.send(message);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
  private void send(WebSocketConnection connection) {
    connection.sendBinary(message);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
  private static void send(WebSocketConnection connection, JsonTexts texts) {
    connection.sendText(texts.next());
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
