package io.dormouse.udp;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real channel whose send buffer has room for as many datagrams as a test says: on the loopback
 * interface a real one is never full.
 */
final class StingyChannel extends DatagramChannel {
  final DatagramChannel real;
  final AtomicInteger room = new AtomicInteger();
  volatile boolean broken;

  StingyChannel(DatagramChannel real) {
    super(real.provider());
    this.real = real;
  }

  @Override
  public int send(ByteBuffer data, SocketAddress to) throws IOException {
    if (room.get() == 0) {
      return 0;
    }
    if (broken) {
      throw new IllegalStateException("broken on purpose");
    }
    room.decrementAndGet();
    return real.send(data, to);
  }

  @Override
  public int write(ByteBuffer data) {
    throw new UnsupportedOperationException("not connected in these tests");
  }

  @Override
  public SocketAddress receive(ByteBuffer data) throws IOException {
    return real.receive(data);
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return real.getLocalAddress();
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    return real.getRemoteAddress();
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    real.close();
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    real.configureBlocking(block);
  }

  // What the wire does not use.

  @Override
  public DatagramChannel bind(SocketAddress local) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> DatagramChannel setOption(SocketOption<T> name, T value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> T getOption(SocketOption<T> name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    throw new UnsupportedOperationException();
  }

  @Override
  public DatagramSocket socket() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isConnected() {
    return real.isConnected();
  }

  @Override
  public DatagramChannel connect(SocketAddress remote) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DatagramChannel disconnect() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer data) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] data, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] data, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface network) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface network, InetAddress source) {
    throw new UnsupportedOperationException();
  }
}
