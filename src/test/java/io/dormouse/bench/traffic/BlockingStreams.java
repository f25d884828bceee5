package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The limit: the calling thread, a channel that blocks, and one direct buffer. */
class BlockingStreams implements Streams {
  protected final SocketChannel sink;
  private final SocketChannel source;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);

  BlockingStreams(Ports ports) throws IOException {
    sink = connect(ports.tcpSink());
    source = connect(ports.tcpSource());
  }

  private static SocketChannel connect(int port) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel;
  }

  @Override
  public long up(long bytes) throws Exception {
    begin(sink, bytes);
    long left = bytes;
    while (left > 0) {
      left -= sink.write(buffer.clear().limit((int) Math.min(left, PIECE)));
    }
    return count();
  }

  /** Tells the server how many bytes there will be. */
  protected final void begin(SocketChannel channel, long bytes) throws IOException {
    channel.write(buffer.clear().putLong(bytes).flip());
  }

  /** Reads how many the server says have come. */
  protected final long count() throws IOException {
    buffer.clear().limit(Long.BYTES);
    while (buffer.hasRemaining()) {
      read(sink);
    }
    return buffer.flip().getLong();
  }

  @Override
  public long down(long bytes) throws IOException {
    begin(source, bytes);
    long came = 0;
    while (came < bytes) {
      buffer.clear();
      int unused = read(source);
      came += own(buffer.flip()).remaining();
    }
    return came;
  }

  /** What the app gets of bytes that were read. */
  protected ByteBuffer own(ByteBuffer bytes) {
    return bytes;
  }

  private int read(SocketChannel channel) throws IOException {
    int count = channel.read(buffer);
    if (count < 0) {
      throw new EOFException();
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    sink.close();
    source.close();
  }
}
