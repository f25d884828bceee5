package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Netty, on one event loop; it has as much in flight as Dormouse, and writes while it may. */
@SuppressWarnings("FutureReturnValueIgnored") // what is not sent is not answered
final class NettyStreams implements Streams {
  private static final int BYTES_IN_FLIGHT = MOST_IN_FLIGHT * PIECE;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ByteBuf piece =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(PIECE).writeZero(PIECE));
  private final Uploader uploader = new Uploader();
  private final Channel sink;
  private final Channel source;
  private volatile Download download = new Download(0);

  NettyStreams(Ports ports, boolean secure) throws Exception {
    if (secure) {
      SslContext tls =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .trustManager(ports.secure().trustManager())
              .build();
      sink = connect(ports.secure().tcpSink(), over(tls, ports.secure().tcpSink(), uploader));
      source =
          connect(
              ports.secure().tcpSource(), over(tls, ports.secure().tcpSource(), new Downloader()));
    } else {
      sink = connect(ports.tcpSink(), uploader);
      source = connect(ports.tcpSource(), new Downloader());
    }
  }

  private static ChannelHandler over(SslContext tls, int port, ChannelHandler handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(tls.newHandler(channel.alloc(), "127.0.0.1", port))
            .addLast(handler);
      }
    };
  }

  private Channel connect(int port, ChannelHandler handler) throws InterruptedException {
    return new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(BYTES_IN_FLIGHT / 2, BYTES_IN_FLIGHT))
        .handler(handler)
        .connect("127.0.0.1", port)
        .sync()
        .channel();
  }

  private final class Uploader extends ChannelInboundHandlerAdapter {
    private final BlockingQueue<Long> counts = new LinkedBlockingQueue<>();
    private long left;

    void begin(long bytes) {
      left = bytes;
      sink.write(Unpooled.copyLong(bytes), sink.voidPromise());
      writeSome();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      writeSome();
    }

    private void writeSome() {
      while (left > 0 && sink.isWritable()) {
        int next = (int) Math.min(left, PIECE);
        left -= next;
        sink.write(piece.slice(0, next), sink.voidPromise());
      }
      sink.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      ByteBuf count = (ByteBuf) bytes;
      counts.add(count.readLong());
      count.release();
    }
  }

  private final class Downloader extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      ByteBuf some = (ByteBuf) bytes;
      download.add(some.readableBytes());
      some.release();
    }
  }

  @Override
  public long up(long bytes) throws InterruptedException {
    loop.execute(() -> uploader.begin(bytes));
    Long count = uploader.counts.poll(LIMIT_NANOS, TimeUnit.NANOSECONDS);
    return count == null ? 0 : count;
  }

  @Override
  public long down(long bytes) throws InterruptedException {
    download = new Download(bytes);
    source.writeAndFlush(Unpooled.copyLong(bytes));
    return download.await();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
