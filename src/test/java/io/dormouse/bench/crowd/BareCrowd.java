package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limit: one thread, one selector, and nothing else. It has no timers, no states, no callbacks
 * on other threads, no bounds and no errors that anyone would survive. WebSocket frames are made by
 * Java-WebSocket's engine, as they are for Dormouse.
 */
final class BareCrowd implements Crowd {
  private final Ports ports;
  private final Kind kind;
  private final int connections;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
  private final List<Member> members = new ArrayList<>();
  private int awaited;

  BareCrowd(Ports ports, Kind kind, int connections) {
    this.ports = ports;
    this.kind = kind;
    this.connections = connections;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One socket. */
  private final class Member {
    private final SocketChannel channel = SocketChannel.open();
    private final SelectionKey key;
    private final Optional<Frames> frames;
    private boolean leaving;

    Member(int port, boolean webSocket) throws IOException {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      frames =
          webSocket
              ? Optional.of(new Frames(channel, "127.0.0.1:" + port, BareCrowd.this::arrived))
              : Optional.empty();
      key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      if (channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        connected();
      }
    }

    private void connected() throws IOException {
      key.interestOps(SelectionKey.OP_READ);
      if (frames.isPresent()) {
        frames.get().shakeHands();
      } else {
        arrived();
      }
    }

    void ready() throws IOException {
      if (key.isConnectable() && channel.finishConnect()) {
        connected();
      } else if (key.isReadable()) {
        read();
      }
    }

    private void read() throws IOException {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        channel.close();
        arrived();
      } else if (frames.isPresent() && !leaving) {
        buffer.flip();
        frames.get().decode(buffer);
      }
    }

    void leave() throws IOException {
      leaving = true;
      if (frames.isPresent()) {
        frames.get().sendCloseFrame();
      } else {
        channel.shutdownOutput();
      }
    }
  }

  private void arrived() {
    awaited--;
  }

  @Override
  public int open() throws IOException {
    awaited = connections;
    for (int i = 0; i < kind.tcp(connections); i++) {
      members.add(new Member(ports.tcpEcho(), false));
    }
    for (int i = 0; i < kind.webSockets(connections); i++) {
      members.add(new Member(ports.webSocketEcho(), true));
    }
    return await();
  }

  @Override
  public int leave() throws IOException {
    awaited = members.size();
    for (Member member : members) {
      member.leave();
    }
    int left = await();
    members.clear();
    selector.selectNow(); // gives back the descriptors of what was closed last
    return left;
  }

  private int await() throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (awaited > 0 && System.nanoTime() < deadline) {
      selector.select(1_000);
      for (SelectionKey key : selector.selectedKeys()) {
        ((Member) key.attachment()).ready();
      }
      selector.selectedKeys().clear();
    }
    return awaited;
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
  }
}
