package io.dormouse.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The server that all contenders talk to. It says {@code ports …} when it listens, and ends when
 * its input does. One thread does everything that comes in small pieces: another would take from
 * the contender's own core. What comes in bulk has threads of its own, which block: that costs
 * least.
 */
public final class LoadServer implements AutoCloseable {
  private static final int BACKLOG = 10_000;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private final Identity identity = new Identity();
  private final Bulk sink = new Bulk("sink", client -> client, Bulk::drop);
  private final Bulk source = new Bulk("source", client -> client, Bulk::supply);
  private final Bulk secureSink = new Bulk("secure sink", identity::over, Bulk::drop);
  private final Bulk secureSource = new Bulk("secure source", identity::over, Bulk::supply);
  private final Datagrams datagrams = new Datagrams();
  private final Ports ports;

  private LoadServer() throws IOException, InterruptedException {
    ports =
        new Ports(
            listen(WebSocketEcho::install),
            listen(TcpEcho::install),
            sink.port(),
            source.port(),
            datagrams.port(),
            listen(HttpGreeting::install),
            listen(WebSocketEcho::installCompressing),
            Secure.of(
                listen(identity.below(WebSocketEcho::install)),
                secureSink.port(),
                secureSource.port(),
                identity.authority()));
  }

  /** Runs the server as a process. */
  public static void main(String[] args) throws IOException, InterruptedException {
    System.out.println("ports " + start().ports());
    while (System.in.read() >= 0) {
      // what is said means nothing, the end is what counts
    }
    System.exit(0);
  }

  /** Starts a server in this process. */
  public static LoadServer start() throws IOException, InterruptedException {
    return new LoadServer();
  }

  /** Returns where it listens. */
  public Ports ports() {
    return ports;
  }

  @Override
  public void close() throws IOException {
    for (Bulk bulk : List.of(sink, source, secureSink, secureSource)) {
      bulk.close();
    }
    datagrams.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Listens on a free port of 127.0.0.1, and returns it. */
  private int listen(Consumer<SocketChannel> install) throws InterruptedException {
    Channel channel =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(initializer(install))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private static ChannelHandler initializer(Consumer<SocketChannel> install) {
    return new ChannelInitializer<SocketChannel>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        install.accept(channel);
      }
    };
  }
}
