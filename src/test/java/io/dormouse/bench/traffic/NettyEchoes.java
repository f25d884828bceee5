package io.dormouse.bench.traffic;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Netty over TCP, on one event loop, where the handler writes back at once. */
@SuppressWarnings("FutureReturnValueIgnored") // what is not sent does not come back
final class NettyEchoes implements Echoes {
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Channel> channels = new ArrayList<>();
  private final int size;
  private final ByteBuf message;
  private volatile Rally rally;

  NettyEchoes(int port, int size, int connections) throws InterruptedException {
    this.size = size;
    message = Unpooled.unreleasableBuffer(Unpooled.directBuffer(size).writeZero(size));
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .remoteAddress("127.0.0.1", port)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Member());
                  }
                });
    for (int i = 0; i < connections; i++) {
      channels.add(bootstrap.connect().sync().channel());
    }
  }

  private final class Member extends ChannelInboundHandlerAdapter {
    private final Answer answer = new Answer(size);

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      ByteBuf piece = (ByteBuf) bytes;
      boolean whole = answer.isWholeWith(piece.readableBytes());
      piece.release();
      if (whole && rally.returned()) {
        context.writeAndFlush(message.duplicate(), context.voidPromise());
      }
    }
  }

  @Override
  public void play(Rally rally) {
    this.rally = rally;
    channels.forEach(channel -> channel.writeAndFlush(message.duplicate()));
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
