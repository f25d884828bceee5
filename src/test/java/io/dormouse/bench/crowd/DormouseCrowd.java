package io.dormouse.bench.crowd;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.load.Ports;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.OsSockets;

/** Dormouse, with its defaults: registered once, then moved by the lifecycle. */
final class DormouseCrowd implements Crowd {
  private final int connections;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private volatile Arrivals opening = new Arrivals(0);

  DormouseCrowd(Ports ports, Kind kind, int connections) {
    this.connections = connections;
    ConnectionListener listener =
        (connection, change) -> {
          if (change.to() == ConnectionState.OPEN) {
            opening.come();
          }
        };
    for (int i = 0; i < kind.tcp(connections); i++) {
      registry
          .tcp("tcp " + i)
          .connectTo("127.0.0.1", ports.tcpEcho())
          .listener(listener)
          .register();
    }
    String url = "ws://127.0.0.1:" + ports.webSocketEcho() + "/";
    for (int i = 0; i < kind.webSockets(connections); i++) {
      registry.webSocket("ws " + i).connectTo(url).listener(listener).register();
    }
  }

  @Override
  public int open() throws InterruptedException {
    opening = new Arrivals(connections);
    lifecycle.onForeground();
    return opening.await();
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
