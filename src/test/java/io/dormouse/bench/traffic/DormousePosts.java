package io.dormouse.bench.traffic;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.udp.UdpConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Dormouse, with its defaults; the app keeps well below the bound on sends in flight. */
final class DormousePosts implements Posts {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();
  private final UdpConnection connection;
  private final InFlight inFlight = new InFlight(MOST_IN_FLIGHT);
  private volatile Shower shower = new Shower();

  DormousePosts(int port) throws Exception {
    connection =
        registry
            .udp("udp")
            .connectTo("127.0.0.1", port)
            .sendBufferSize(BUFFER)
            .receiveBufferSize(BUFFER)
            .onDatagram((udp, datagram) -> shower.take(datagram.data()))
            .register();
    lifecycle.onForeground();
    registry.resumed().get(LIMIT_NANOS, TimeUnit.NANOSECONDS);
  }

  @Override
  public int send(int number, int size) throws InterruptedException {
    ByteBuffer datagram = ByteBuffer.allocate(size).put(0, (byte) 'c');
    for (int i = 0; i < number; i++) {
      inFlight.add(connection.send(datagram));
    }
    return inFlight.finish();
  }

  @Override
  public Shower receive(int number, int size) throws InterruptedException {
    Shower next = new Shower();
    shower = next;
    ByteBuffer request = ByteBuffer.allocate(9).put((byte) 's').putInt(number).putInt(size).flip();
    inFlight.add(connection.send(request));
    inFlight.finish();
    next.await();
    return next;
  }

  @Override
  public void close() {
    registry.close();
  }
}
