package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Ports;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Netty over TCP, on one event loop. */
final class NettyCrowd implements Crowd {
  private final int connections;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Bootstrap bootstrap;
  private final List<Channel> channels = new CopyOnWriteArrayList<>();
  private volatile Arrivals opening = new Arrivals(0);

  NettyCrowd(Ports ports, int connections) {
    this.connections = connections;
    bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .remoteAddress("127.0.0.1", ports.tcpEcho())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Member());
                  }
                });
  }

  private final class Member extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      opening.come();
    }
  }

  @Override
  public int open() throws InterruptedException {
    opening = new Arrivals(connections);
    for (int i = 0; i < connections; i++) {
      channels.add(bootstrap.connect().channel());
    }
    return opening.await();
  }

  @Override
  public int leave() throws InterruptedException {
    int left = 0;
    for (Channel channel : channels) {
      left += channel.close().await(LIMIT.toMillis()) ? 0 : 1;
    }
    channels.clear();
    return left;
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
