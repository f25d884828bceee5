package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** OkHttp's WebSocket, all of one client, without delay on its sockets as all others are. */
final class OkHttpEchoes implements Echoes {
  private final List<WebSocket> sockets = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final OkHttpClient client;
  private final CountDownLatch opening;
  private final Protocol protocol;
  private final int size;
  private final ByteString message;
  private volatile Rally rally;
  private volatile boolean closing;

  OkHttpEchoes(Protocol protocol, Setting setting, int size, int connections)
      throws IOException, InterruptedException {
    this.protocol = protocol;
    this.size = size;
    message = ByteString.of(new byte[size]);
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(connections); // each holds its place as long as it is open
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder().dispatcher(dispatcher).socketFactory(new NoDelaySockets());
    protocol
        .trust(setting)
        .ifPresent(
            trust -> builder.sslSocketFactory(trust.context().getSocketFactory(), trust.manager()));
    client = builder.build();
    opening = new CountDownLatch(connections);
    Request request = new Request.Builder().url(protocol.url(setting)).build();
    for (int i = 0; i < connections; i++) {
      Listener listener = new Listener();
      listeners.add(listener);
      sockets.add(client.newWebSocket(request, listener));
    }
    if (!opening.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(opening.getCount() + " did not open");
    }
  }

  private final class Listener extends WebSocketListener {
    private final Answer answer = new Answer(size);
    private final JsonTexts texts = new JsonTexts();

    @Override
    public void onOpen(WebSocket socket, Response response) {
      opening.countDown();
    }

    @Override
    public void onMessage(WebSocket socket, ByteString data) {
      if (answer.isWholeWith(data.size()) && rally.returned()) {
        send(socket);
      }
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      if (answer.isWholeWith(text.length()) && rally.returned()) {
        send(socket);
      }
    }

    void send(WebSocket socket) {
      if (protocol == Protocol.COMPRESSED_WEB_SOCKET) {
        socket.send(texts.next());
      } else {
        socket.send(message);
      }
    }

    @Override
    public void onFailure(WebSocket socket, Throwable e, Response response) {
      if (!closing) {
        System.err.println("okhttp: " + e);
      }
    }
  }

  @Override
  public void play(Rally rally) {
    this.rally = rally;
    for (int i = 0; i < sockets.size(); i++) {
      listeners.get(i).send(sockets.get(i));
    }
  }

  @Override
  public void close() {
    closing = true;
    sockets.forEach(socket -> socket.close(1000, null));
    client.dispatcher().executorService().shutdown();
  }
}
