package io.dormouse.bench.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Counts datagrams, or sends many, on a thread of its own; see {@link Ports#udp()}. */
final class Datagrams implements Closeable {
  private static final int BUFFER = 4 << 20;
  private static final int LONGEST = 64 * 1024;

  /** So often, and so far apart, that a client that was behind has room for one. */
  private static final int ENDS = 5;

  private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final DatagramChannel channel = DatagramChannel.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST);
  private long count;

  Datagrams() throws IOException {
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread thread = new Thread(this::serve, "datagrams");
    thread.setDaemon(true);
    thread.start();
  }

  int port() throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  private void serve() {
    try {
      while (true) {
        buffer.clear();
        SocketAddress client = channel.receive(buffer);
        buffer.flip();
        obey(client);
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void obey(SocketAddress client) throws IOException {
    switch (buffer.get()) {
      case 'c' -> count++;
      case 'n' -> tell(client);
      case 's' -> supply(client, buffer.getInt(), buffer.getInt());
      default -> throw new IllegalStateException("not in the protocol");
    }
  }

  private void tell(SocketAddress client) throws IOException {
    buffer.clear().put((byte) 'n').putLong(count).flip();
    count = 0;
    channel.send(buffer, client);
  }

  private void supply(SocketAddress client, int number, int size) throws IOException {
    buffer.put(0, (byte) 'd');
    for (int i = 0; i < number; i++) {
      buffer.clear().limit(size);
      channel.send(buffer, client);
    }
    buffer.put(0, (byte) 'z');
    for (int i = 0; i < ENDS; i++) {
      LockSupport.parkNanos(APART_NANOS);
      buffer.clear().limit(1);
      channel.send(buffer, client);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
