package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.Dns;

/**
 * From nothing to a connection open, in milliseconds, to a host whose first address answers nothing
 * and whose second is the server's. Each round begins with a client that does not know the host. On
 * Linux: the address that answers nothing has a socket that listens and whose queue is full.
 */
public final class Swallowed implements Contender {
  private static final int TRIES = 50;

  private final Setting setting;
  private final ServerSocketChannel full;
  private final List<SocketChannel> queued = new ArrayList<>();

  /** No words. */
  public Swallowed(Setting setting) throws IOException {
    this.setting = setting;
    full = listen(setting.ports().webSocketEcho());
    boolean connected = true;
    while (connected) {
      SocketChannel next = SocketChannel.open();
      next.configureBlocking(false);
      connected = next.connect(full.getLocalAddress()) || finishes(next);
      queued.add(next);
    }
  }

  /** On the first loopback address that nobody else has taken. */
  private static ServerSocketChannel listen(int port) throws IOException {
    IOException last = new IOException("no address");
    for (int i = 2; i < TRIES; i++) {
      ServerSocketChannel channel = ServerSocketChannel.open();
      try {
        return channel.bind(new InetSocketAddress("127.0.0." + i, port), 1);
      } catch (IOException e) {
        channel.close();
        last = e;
      }
    }
    throw last;
  }

  /** The system answers at once, or never. */
  private static boolean finishes(SocketChannel channel) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
    while (System.nanoTime() - deadline < 0) {
      if (channel.finishConnect()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Round play() throws Exception {
    InetAddress first = ((InetSocketAddress) full.getLocalAddress()).getAddress();
    Dns both = host -> List.of(first, InetAddress.getLoopbackAddress());
    Site site =
        new Site(setting.ports(), Crowd.Kind.WEB_SOCKET, 1, Optional.empty(), Optional.of(both));
    try (Crowd crowd = Crowd.of(setting.library(), site)) {
      long begun = System.nanoTime();
      int missing = crowd.open();
      long took = System.nanoTime() - begun;
      crowd.leave();
      return new Round(took / 1e6, missing);
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel each : queued) {
      each.close();
    }
    full.close();
  }
}
