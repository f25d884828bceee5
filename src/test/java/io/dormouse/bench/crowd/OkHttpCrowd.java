package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Ports;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** OkHttp's WebSocket, all of one client. */
final class OkHttpCrowd implements Crowd {
  private final int connections;
  private final OkHttpClient client = OkHttpClients.unlimited();
  private final Request request;
  private final List<WebSocket> sockets = new ArrayList<>();
  private volatile Arrivals opening = new Arrivals(0);
  private volatile Arrivals leaving = new Arrivals(0);

  OkHttpCrowd(Ports ports, int connections) {
    this.connections = connections;
    request = new Request.Builder().url("http://127.0.0.1:" + ports.webSocketEcho() + "/").build();
  }

  private final class Listener extends WebSocketListener {
    @Override
    public void onOpen(WebSocket socket, Response response) {
      opening.come();
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      leaving.come();
    }

    @Override
    public void onFailure(WebSocket socket, Throwable e, Response response) {
      System.err.println("okhttp: " + e);
    }
  }

  @Override
  public int open() throws InterruptedException {
    opening = new Arrivals(connections);
    for (int i = 0; i < connections; i++) {
      sockets.add(client.newWebSocket(request, new Listener()));
    }
    return opening.await();
  }

  @Override
  public int leave() throws InterruptedException {
    leaving = new Arrivals(sockets.size());
    sockets.forEach(socket -> socket.close(1001, null));
    int left = leaving.await();
    sockets.clear();
    return left;
  }

  @Override
  public void close() {
    OkHttpClients.shutDown(client);
  }
}
