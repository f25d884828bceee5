package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A UDP socket of the system. */
final class DatagramSocketTransport implements DatagramTransport {
  private final DatagramChannel channel;
  private Loop.@Nullable Registration registration;

  private DatagramSocketTransport(DatagramChannel channel) {
    this.channel = channel;
  }

  static DatagramTransport open(Optional<ProtocolFamily> family) throws IOException {
    DatagramChannel channel;
    try {
      channel = family.isPresent() ? DatagramChannel.open(family.get()) : DatagramChannel.open();
    } catch (IOException e) { // nothing has been asked of it yet
      throw new NoRoomException(e);
    }
    try {
      channel.configureBlocking(false);
      return new DatagramSocketTransport(channel);
    } catch (Throwable e) { // whatever it is, the file descriptor must not stay
      channel.close();
      throw e;
    }
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    channel.setOption(option, value);
  }

  @Override
  public void multicastBy(LocalInterface by) throws IOException {
    channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, handle(by));
  }

  private static NetworkInterface handle(LocalInterface by) {
    return Objects.requireNonNull(by.handle(), "an interface of another network");
  }

  @Override
  public void bind(@Nullable InetSocketAddress local) throws IOException {
    channel.bind(local);
  }

  @Override
  public void join(InetAddress group, LocalInterface by) throws IOException {
    MembershipKey unused = channel.join(group, handle(by)); // ends with the channel
  }

  @Override
  public void connect(InetSocketAddress to) throws IOException {
    channel.connect(to);
  }

  @Override
  public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
    Loop.Registration watched = loop.register(channel, ops, handler);
    registration = watched;
    return watched;
  }

  @Override
  public int send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException {
    return to == null ? channel.write(data) : channel.send(data, to);
  }

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException {
    return (InetSocketAddress) channel.receive(into);
  }

  @Override
  public InetSocketAddress localAddress() throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() throws IOException {
    return (InetSocketAddress) channel.getRemoteAddress();
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
}
