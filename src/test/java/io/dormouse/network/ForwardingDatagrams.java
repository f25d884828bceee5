package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;

/** Another socket; a test overrides what it plays itself. */
public class ForwardingDatagrams implements DatagramTransport {
  private final DatagramTransport real;

  public ForwardingDatagrams(DatagramTransport real) {
    this.real = real;
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    real.setOption(option, value);
  }

  @Override
  public void multicastBy(LocalInterface by) throws IOException {
    real.multicastBy(by);
  }

  @Override
  public void bind(InetSocketAddress local) throws IOException {
    real.bind(local);
  }

  @Override
  public void join(InetAddress group, LocalInterface by) throws IOException {
    real.join(group, by);
  }

  @Override
  public void connect(InetSocketAddress to) throws IOException {
    real.connect(to);
  }

  @Override
  public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
    return real.watch(loop, ops, handler);
  }

  @Override
  public int send(ByteBuffer data, InetSocketAddress to) throws IOException {
    return real.send(data, to);
  }

  @Override
  public InetSocketAddress receive(ByteBuffer into) throws IOException {
    return real.receive(into);
  }

  @Override
  public InetSocketAddress localAddress() throws IOException {
    return real.localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() throws IOException {
    return real.remoteAddress();
  }

  @Override
  public boolean isOpen() {
    return real.isOpen();
  }

  @Override
  public void close() throws IOException {
    real.close();
  }
}
