package io.dormouse.bench.load;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Many bytes in one direction, at the client's word. Each connection has a thread, one direct
 * buffer, and nothing else between the system and itself, so that the client is what is measured.
 */
final class Bulk implements Closeable {
  static final int BUFFER = 256 * 1024;

  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
  private final String name;
  private final Layer layer;
  private final Work work;

  /** What is put over a socket; it does whatever it has to on the first read. */
  interface Layer {
    ByteChannel over(SocketChannel client) throws IOException;
  }

  /** What is done with a connection, again and again. */
  interface Work {
    void once(ByteChannel client, ByteBuffer buffer) throws IOException;
  }

  Bulk(String name, Layer layer, Work work) throws IOException {
    this.name = name;
    this.layer = layer;
    this.work = work;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    start(this::accept);
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  private void start(Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        clients.add(client);
        start(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(SocketChannel client) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (client) {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteChannel bytes = layer.over(client);
      while (true) {
        work.once(bytes, buffer);
      }
    } catch (IOException e) {
      // the client has gone, in whatever way
    }
    clients.remove(client);
  }

  /** Reads a number and so many bytes, and tells how many. */
  static void drop(ByteChannel client, ByteBuffer buffer) throws IOException {
    long wanted = readNumber(client, buffer);
    long left = wanted;
    while (left > 0) {
      buffer.clear().limit((int) Math.min(left, buffer.capacity()));
      left -= read(client, buffer);
    }
    buffer.clear().putLong(wanted).flip();
    client.write(buffer);
  }

  /** Reads a number and writes so many bytes. */
  static void supply(ByteChannel client, ByteBuffer buffer) throws IOException {
    long left = readNumber(client, buffer);
    while (left > 0) {
      buffer.clear().limit((int) Math.min(left, buffer.capacity()));
      left -= client.write(buffer);
    }
  }

  private static long readNumber(ByteChannel client, ByteBuffer buffer) throws IOException {
    buffer.clear().limit(Long.BYTES);
    while (buffer.hasRemaining()) {
      read(client, buffer);
    }
    return buffer.flip().getLong();
  }

  private static int read(ByteChannel client, ByteBuffer buffer) throws IOException {
    int count = client.read(buffer);
    if (count < 0) {
      throw new EOFException();
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel client : clients) {
      client.close();
    }
  }
}
