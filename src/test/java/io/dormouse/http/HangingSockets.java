package io.dormouse.http;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes sockets of which the first ones connect for ever, as to a server that is not there. */
final class HangingSockets extends UnconnectedSockets {
  private final AtomicInteger hanging;
  final CountDownLatch connecting = new CountDownLatch(1);
  final AtomicInteger made = new AtomicInteger();

  HangingSockets(int hanging) {
    this.hanging = new AtomicInteger(hanging);
  }

  /** The next ones hang, too. */
  void hangNext(int sockets) {
    hanging.set(sockets);
  }

  @Override
  public Socket createSocket() {
    made.incrementAndGet();
    return hanging.getAndDecrement() > 0 ? new Hanging() : new Socket();
  }

  private final class Hanging extends Socket {
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public void connect(SocketAddress address, int timeoutMillis) throws IOException {
      connecting.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      throw new SocketException("Socket closed");
    }

    @Override
    public synchronized void close() throws IOException {
      end.countDown();
      super.close();
    }
  }
}
