package io.dormouse.bench.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Counts datagrams, or sends many, on a thread of its own; see {@link Ports#udp()}. */
final class Datagrams implements Closeable {
  private static final int BUFFER = 4 << 20;
  private static final int LONGEST = 64 * 1024;

  /** How often, and how far apart, the end is told to a client that does not say it knows. */
  private static final int ENDS = 100;

  private static final int APART_MILLIS = 20;

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
      case 's' -> {
        supply(client, buffer.getInt(), buffer.getInt());
        tellTheEnd(client);
      }
      case 't' -> {
        // The end was told once more than needed.
      }
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
  }

  /** Again and again: a client that is behind has no room for it. */
  private void tellTheEnd(SocketAddress client) throws IOException {
    DatagramPacket answer = new DatagramPacket(new byte[1], 1);
    channel.socket().setSoTimeout(APART_MILLIS);
    for (int i = 0; i < ENDS; i++) {
      channel.send(buffer.clear().put((byte) 'z').flip(), client);
      try {
        channel.socket().receive(answer);
        if (answer.getData()[0] == 't') {
          return;
        }
      } catch (SocketTimeoutException e) {
        // told again
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
