package io.dormouse.bench.traffic;

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
  private final OkHttpClient client;
  private final CountDownLatch opening;
  private final int size;
  private final ByteString message;
  private volatile Rally rally;
  private volatile boolean closing;

  OkHttpEchoes(int port, int size, int connections) throws IOException, InterruptedException {
    this.size = size;
    message = ByteString.of(new byte[size]);
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(connections); // each holds its place as long as it is open
    client =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .socketFactory(new NoDelaySockets())
            .build();
    opening = new CountDownLatch(connections);
    Request request = new Request.Builder().url("http://127.0.0.1:" + port + "/").build();
    for (int i = 0; i < connections; i++) {
      sockets.add(client.newWebSocket(request, new Listener()));
    }
    if (!opening.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(opening.getCount() + " did not open");
    }
  }

  private final class Listener extends WebSocketListener {
    private final Answer answer = new Answer(size);

    @Override
    public void onOpen(WebSocket socket, Response response) {
      opening.countDown();
    }

    @Override
    public void onMessage(WebSocket socket, ByteString data) {
      if (answer.isWholeWith(data.size()) && rally.returned()) {
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
    sockets.forEach(socket -> socket.send(message));
  }

  @Override
  public void close() {
    closing = true;
    sockets.forEach(socket -> socket.close(1000, null));
    client.dispatcher().executorService().shutdown();
  }
}
