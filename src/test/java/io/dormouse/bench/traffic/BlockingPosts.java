package io.dormouse.bench.traffic;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** The limit: the calling thread, a channel that blocks, and one direct buffer. */
class BlockingPosts implements Posts {
  protected final DatagramChannel channel = DatagramChannel.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);

  BlockingPosts(int port) throws IOException {
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  @Override
  public int send(int number, int size) throws Exception {
    buffer.put(0, (byte) 'c');
    for (int i = 0; i < number; i++) {
      channel.write(buffer.clear().limit(size));
    }
    return 0;
  }

  @Override
  public Shower receive(int number, int size) throws IOException {
    channel.write(buffer.clear().put((byte) 's').putInt(number).putInt(size).flip());
    Shower shower = new Shower();
    do {
      channel.read(buffer.clear());
    } while (shower.take(buffer.flip()));
    return shower;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
