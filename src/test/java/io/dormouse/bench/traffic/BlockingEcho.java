package io.dormouse.bench.traffic;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The limit for one connection: the calling thread writes, and blocks until the answer is read. */
final class BlockingEcho implements Echoes {
  private final SocketChannel channel;
  private final ByteBuffer message;

  BlockingEcho(int port, int size) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    message = ByteBuffer.allocateDirect(size);
  }

  @Override
  public void play(Rally rally) throws IOException {
    do {
      message.clear();
      while (message.hasRemaining()) {
        channel.write(message);
      }
      message.clear();
      while (message.hasRemaining()) {
        if (channel.read(message) < 0) {
          throw new EOFException();
        }
      }
    } while (rally.returned());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
