package io.dormouse.bench.crowd;

import com.tinder.scarlet.Lifecycle;
import com.tinder.scarlet.Scarlet;
import com.tinder.scarlet.ShutdownReason;
import com.tinder.scarlet.Stream;
import com.tinder.scarlet.WebSocket;
import com.tinder.scarlet.lifecycle.LifecycleRegistry;
import com.tinder.scarlet.websocket.okhttp.OkHttpClientUtils;
import com.tinder.scarlet.ws.Receive;
import io.dormouse.bench.load.Ports;
import okhttp3.OkHttpClient;

/** Scarlet over OkHttp: all of one client and one lifecycle, which opens and closes them. */
final class ScarletCrowd implements Crowd {
  private final Ports ports;
  private final int connections;
  private OkHttpClient client = OkHttpClients.unlimited();
  private LifecycleRegistry lifecycle = new LifecycleRegistry(0);
  private volatile Arrivals opening = new Arrivals(0);
  private volatile Arrivals leaving = new Arrivals(0);
  private int unopened;

  /** What Scarlet implements; public, since it does so with a proxy. */
  public interface Service {
    /** All that happens to the WebSocket. */
    @Receive
    Stream<WebSocket.Event> events();
  }

  ScarletCrowd(Ports ports, int connections) {
    this.ports = ports;
    this.connections = connections;
    create();
  }

  private void create() {
    String url = "ws://127.0.0.1:" + ports.webSocketEcho() + "/";
    for (int i = 0; i < connections; i++) {
      Stream.Disposable unused =
          new Scarlet.Builder()
              .webSocketFactory(OkHttpClientUtils.newWebSocketFactory(client, url))
              .lifecycle(lifecycle)
              .build()
              .create(Service.class)
              .events()
              .start(new Events());
    }
  }

  private final class Events implements Stream.Observer<WebSocket.Event> {
    @Override
    public void onNext(WebSocket.Event event) {
      if (event instanceof WebSocket.Event.OnConnectionOpened) {
        opening.come();
      } else if (event instanceof WebSocket.Event.OnConnectionClosed) {
        leaving.come();
      }
    }

    @Override
    public void onError(Throwable e) {
      System.err.println("scarlet: " + e);
    }

    @Override
    public void onComplete() {}
  }

  @Override
  public int open() throws InterruptedException {
    opening = new Arrivals(connections);
    lifecycle.onNext(Lifecycle.State.Started.INSTANCE);
    unopened = opening.await();
    return unopened;
  }

  @Override
  public int leave() throws InterruptedException {
    leaving = new Arrivals(connections);
    lifecycle.onNext(new Lifecycle.State.Stopped.WithReason(ShutdownReason.GRACEFUL));
    // Those that did not open won't say that they are gone.
    int left = unopened > 0 ? unopened : leaving.await();
    if (left > 0) { // nor would they open the next time, and so spoil all rounds to come
      OkHttpClients.shutDown(client);
      client = OkHttpClients.unlimited();
      lifecycle = new LifecycleRegistry(0);
      create();
    }
    return left;
  }

  @Override
  public void close() {
    OkHttpClients.shutDown(client);
  }
}
