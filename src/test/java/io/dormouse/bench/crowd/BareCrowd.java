package io.dormouse.bench.crowd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The limit: one thread, one selector, and nothing else. It has no timers, no states, no callbacks
 * on other threads, no bounds and no errors that anyone would survive. WebSocket frames are made by
 * Java-WebSocket's engine. What takes long in a handshake of TLS is done on two threads more.
 */
final class BareCrowd implements Crowd {
  private final Site site;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
  private final List<Member> members = new ArrayList<>();
  private final ExecutorService tasks = Executors.newFixedThreadPool(2);
  private final Queue<Member> worked = new ConcurrentLinkedQueue<>();
  private int awaited;

  BareCrowd(Site site) {
    this.site = site;
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
    private final int port;
    private final boolean webSocket;
    private volatile ByteChannel bytes; // the channel, or TLS over it
    private boolean shaking; // hands, for TLS
    private Frames frames; // once they may be sent
    private boolean open;
    private boolean leaving;

    Member(int port, boolean webSocket) throws IOException {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      this.port = port;
      this.webSocket = webSocket;
      bytes = channel;
      key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      if (channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        connected();
      }
    }

    private void connected() throws IOException {
      if (site.trust().isPresent()) {
        shaking = true;
        work(() -> bytes = new EngineChannel(channel, site.trust().get(), "127.0.0.1", port));
      } else {
        usable();
      }
    }

    private void usable() throws IOException {
      key.interestOps(SelectionKey.OP_READ);
      if (webSocket) {
        frames = new Frames(bytes, "127.0.0.1:" + port, this::opened);
        frames.shakeHands();
      } else {
        opened();
      }
    }

    private void opened() {
      open = true;
      arrived();
    }

    /** Has a part of the handshake done elsewhere; then {@link #goOn} is called. */
    private void work(Work part) {
      key.interestOps(0);
      tasks.execute(
          () -> {
            try {
              part.run();
              worked.add(this);
              selector.wakeup();
            } catch (IOException e) {
              System.err.println("bare: " + e);
            }
          });
    }

    void goOn() throws IOException {
      if (leaving) {
        return;
      }
      EngineChannel tls = (EngineChannel) bytes;
      switch (tls.shakeHands()) {
        case TASKS -> work(tls::runTasks);
        case BYTES -> key.interestOps(SelectionKey.OP_READ);
        case NOTHING -> {
          shaking = false;
          usable();
        }
      }
    }

    void ready() throws IOException {
      if (key.isConnectable() && channel.finishConnect()) {
        connected();
      } else if (key.isReadable() && shaking) {
        goOn();
      } else if (key.isReadable()) {
        read();
      }
    }

    private void read() throws IOException {
      buffer.clear();
      if (bytes.read(buffer) < 0) {
        bytes.close();
        arrived();
      } else if (webSocket && !leaving) {
        buffer.flip();
        frames.decode(buffer);
      }
    }

    void leave() throws IOException {
      leaving = true;
      if (!open) { // it did not come in time
        channel.close();
        arrived();
      } else if (webSocket) {
        frames.sendCloseFrame();
      } else {
        channel.shutdownOutput();
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private void arrived() {
    awaited--;
  }

  @Override
  public int open() throws IOException {
    awaited = site.connections();
    for (int i = 0; i < site.tcp(); i++) {
      members.add(new Member(site.ports().tcpEcho(), false));
    }
    for (int i = 0; i < site.webSockets(); i++) {
      members.add(new Member(site.webSocketPort(), true));
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
      for (Member next = worked.poll(); next != null; next = worked.poll()) {
        next.goOn();
      }
    }
    return awaited;
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
    tasks.shutdown();
  }
}
