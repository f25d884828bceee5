package io.dormouse.bench.crowd;

import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** OkHttp's WebSocket, all of one client. */
final class OkHttpCrowd implements Crowd {
  private final Site site;
  private final OkHttpClient client;
  private final List<WebSocket> sockets = new ArrayList<>();
  private volatile Arrivals opening = new Arrivals(0);
  private volatile Arrivals leaving = new Arrivals(0);

  OkHttpCrowd(Site site) {
    this.site = site;
    OkHttpClient.Builder builder = OkHttpClients.unlimited().newBuilder();
    site.trust()
        .ifPresent(
            trust -> builder.sslSocketFactory(trust.context().getSocketFactory(), trust.manager()));
    site.names().ifPresent(builder::dns);
    client = builder.build();
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
    opening = new Arrivals(site.connections());
    for (int i = 0; i < site.connections(); i++) {
      Request request = new Request.Builder().url(site.url(i)).build();
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
