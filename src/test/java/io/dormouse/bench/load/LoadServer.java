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
import java.util.function.Consumer;

/**
 * The server that all contenders talk to. It says {@code ports …} when it listens, and ends when
 * its input does. One thread does everything: another would take from the contender's own core.
 */
public final class LoadServer {
  private static final int BACKLOG = 10_000;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private LoadServer() {}

  /** Runs the server. */
  public static void main(String[] args) throws IOException, InterruptedException {
    LoadServer server = new LoadServer();
    Ports ports =
        new Ports(
            server.listen(WebSocketEcho::install), server.listen(TcpEcho::install), 0, 0, 0, 0);
    System.out.println("ports " + ports);
    while (System.in.read() >= 0) {
      // what is said means nothing, the end is what counts
    }
    System.exit(0);
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
