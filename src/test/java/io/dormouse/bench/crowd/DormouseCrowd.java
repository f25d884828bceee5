package io.dormouse.bench.crowd;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.OsSockets;
import io.dormouse.websocket.WebSocketBuilder;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Dormouse, with its defaults: registered once, then moved by the lifecycle. */
final class DormouseCrowd implements Crowd {
  private final int connections;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry;

  DormouseCrowd(Site site) {
    connections = site.connections();
    ConnectionRegistry.Builder builder = ConnectionRegistry.builder(lifecycle);
    site.names().ifPresent(builder::dns);
    registry = builder.build();
    for (int i = 0; i < site.tcp(); i++) {
      registry.tcp("tcp " + i).connectTo("127.0.0.1", site.ports().tcpEcho()).register();
    }
    for (int i = 0; i < site.webSockets(); i++) {
      WebSocketBuilder webSocket = registry.webSocket("ws " + i).connectTo(site.url(i));
      site.trust().ifPresent(trust -> webSocket.tls(tls -> tls.sslContext(trust.context())));
      webSocket.register();
    }
  }

  @Override
  public int open() throws InterruptedException, ExecutionException {
    lifecycle.onForeground();
    try {
      registry.resumed().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // those that are not open are counted
    }
    long open =
        registry.connections().stream()
            .filter(connection -> connection.state() == ConnectionState.OPEN)
            .count();
    return connections - (int) open;
  }

  @Override
  public int leave() {
    lifecycle.onBackground();
    return registry.awaitSettled(LIMIT) ? 0 : OsSockets.list().size();
  }

  @Override
  public void close() {
    registry.close();
  }
}
