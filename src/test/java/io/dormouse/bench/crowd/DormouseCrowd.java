package io.dormouse.bench.crowd;

import io.dormouse.ConnectionRegistry;
import io.dormouse.bench.load.Ports;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.OsSockets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Dormouse, with its defaults: registered once, then moved by the lifecycle. */
final class DormouseCrowd implements Crowd {
  private final int connections;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();

  DormouseCrowd(Ports ports, Kind kind, int connections) {
    this.connections = connections;
    for (int i = 0; i < kind.tcp(connections); i++) {
      registry.tcp("tcp " + i).connectTo("127.0.0.1", ports.tcpEcho()).register();
    }
    String url = "ws://127.0.0.1:" + ports.webSocketEcho() + "/";
    for (int i = 0; i < kind.webSockets(connections); i++) {
      registry.webSocket("ws " + i).connectTo(url).register();
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
