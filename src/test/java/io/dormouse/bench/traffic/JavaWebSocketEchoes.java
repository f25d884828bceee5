package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import io.dormouse.bench.load.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;

/** Java-WebSocket's own client, with its defaults and without delay on its sockets. */
final class JavaWebSocketEchoes implements Echoes {
  private final List<Client> clients = new ArrayList<>();
  private final int size;
  private final ByteBuffer message;
  private volatile Rally rally;

  JavaWebSocketEchoes(Protocol protocol, Setting setting, int size, int connections)
      throws IOException, InterruptedException {
    this.size = size;
    message = ByteBuffer.allocate(size);
    URI url = URI.create(protocol.url(setting));
    Optional<Trust> trust = protocol.trust(setting);
    for (int i = 0; i < connections; i++) {
      Client client = new Client(url);
      trust.ifPresent(it -> client.setSocketFactory(it.context().getSocketFactory()));
      clients.add(client);
      if (!client.connectBlocking(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("did not open");
      }
    }
  }

  private final class Client extends WebSocketClient {
    private final Answer answer = new Answer(size);

    Client(URI url) {
      super(url);
      setTcpNoDelay(true);
    }

    @Override
    public void onOpen(ServerHandshake handshake) {}

    @Override
    public void onMessage(String text) {}

    @Override
    public void onMessage(ByteBuffer data) {
      if (answer.isWholeWith(data.remaining()) && rally.returned()) {
        send(message.duplicate());
      }
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {}

    @Override
    public void onError(Exception e) {
      System.err.println("java-websocket: " + e);
    }
  }

  @Override
  public void play(Rally rally) {
    this.rally = rally;
    clients.forEach(client -> client.send(message.duplicate()));
  }

  @Override
  public void close() {
    clients.forEach(WebSocketClient::close);
  }
}
