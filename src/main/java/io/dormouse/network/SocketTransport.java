package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A TCP socket of the system, and nothing between. */
final class SocketTransport implements Transport {
  static {
    closeOne();
  }

  private final SocketChannel channel;
  private Loop.@Nullable Registration registration;

  private SocketTransport(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * The JDK loads at the first close of a socket what it needs for it. If there is no memory for
   * that, it takes the socket for closed, and it stays open for good: so the first is another.
   */
  private static void closeOne() {
    try (SocketChannel first = SocketChannel.open()) {
      first.configureBlocking(false);
      first.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // There is no file descriptor, so the first close is that of another socket.
    }
  }

  /** Makes a socket that is set up like this. */
  static Transport open(TransportOptions options) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open();
    } catch (IOException e) { // nothing has been asked of it yet
      throw new NoRoomException(e);
    }
    try {
      configure(channel, options);
      return new SocketTransport(channel);
    } catch (Throwable e) { // whatever it is, the file descriptor must not stay
      channel.close();
      throw e;
    }
  }

  private static void configure(SocketChannel channel, TransportOptions options)
      throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, options.noDelay());
    if (options.keepAlive()) { // off is what a new socket has; asking for it is a system call
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
    if (options.sendBuffer().isPresent()) {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBuffer().getAsInt());
    }
    if (options.receiveBuffer().isPresent()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBuffer().getAsInt());
    }
    if (options.localAddress().isPresent()) {
      channel.bind(options.localAddress().get());
    }
  }

  @Override
  public boolean connect(InetSocketAddress to) throws IOException {
    return channel.connect(to);
  }

  @Override
  public boolean finishConnect() throws IOException {
    return channel.finishConnect();
  }

  @Override
  public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
    Loop.Registration watched = loop.register(channel, ops, handler);
    registration = watched;
    return watched;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return channel.write(from);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return channel.write(from, offset, length);
  }

  @Override
  public boolean shutdownOutput() throws IOException {
    SocketChannel unused = channel.shutdownOutput();
    return true;
  }

  /** With {@code SO_LINGER} 0, which blocks nobody, as any other value would on Linux. */
  @Override
  public void resetOnClose() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    try {
      if (registration != null) {
        registration.cancel();
      }
    } finally {
      channel.close();
    }
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    try {
      return channel.getLocalAddress();
    } catch (IOException e) {
      return null; // it was closed meanwhile
    }
  }

  @Override
  public @Nullable SocketAddress remoteAddress() {
    try {
      return channel.getRemoteAddress();
    } catch (IOException e) {
      return null; // it was closed meanwhile
    }
  }
}
