package io.dormouse.support;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import okhttp3.tls.HeldCertificate;

/** A server on loopback that sends back what comes, on Netty with the JDK's TLS engine. */
public final class NettyTlsServer implements AutoCloseable {
  private static final int MOST_BYTES = 16 << 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private final Handshakes handshakes = new Handshakes();
  private final AtomicInteger agreedAnew = new AtomicInteger();
  private volatile int readsBetween = Integer.MAX_VALUE;
  private final SslContext tls;
  private final Channel listener;

  /**
   * Starts one on a free port.
   *
   * @param webSocket whether it echoes WebSocket frames, and not bytes
   */
  public NettyTlsServer(String version, boolean webSocket) {
    HeldCertificate held = Certificates.LOCALHOST;
    try {
      tls =
          SslContextBuilder.forServer(held.keyPair().getPrivate(), held.certificate())
              .sslProvider(SslProvider.JDK)
              .protocols(version)
              .build();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    install(channel, webSocket);
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  private void install(SocketChannel channel, boolean webSocket) {
    SslHandler secure = tls.newHandler(channel.alloc());
    long came = System.currentTimeMillis();
    secure
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                handshakes.add(came, secure.engine().getSession());
              }
            });
    secure.setHandshakeTimeout(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    ChannelPipeline pipeline = channel.pipeline().addLast(secure, new AgreesAnew(secure));
    if (webSocket) {
      pipeline
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(8 << 10))
          .addLast(new WebSocketServerProtocolHandler("/", null, true, MOST_BYTES));
    }
    pipeline.addLast(new Echo());
  }

  /** Returns the port. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /**
   * From now on it agrees anew after so many reads: with TLS 1.2 on all, with TLS 1.3 on new keys,
   * ours and its.
   */
  public void agreeAnewAfter(int reads) {
    readsBetween = reads;
  }

  /** Returns how often it has agreed anew. */
  public int agreedAnew() {
    return agreedAnew.get();
  }

  /** Returns those of its clients. */
  public Handshakes handshakes() {
    return handshakes;
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Counts what was decrypted of one connection. */
  private final class AgreesAnew extends ChannelInboundHandlerAdapter {
    private final SslHandler secure;
    private int reads;

    AgreesAnew(SslHandler secure) {
      this.secure = secure;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.fireChannelRead(message);
      reads++;
      if (reads % readsBetween == 0) {
        secure
            .renegotiate()
            .addListener(
                done -> {
                  if (done.isSuccess()) {
                    agreedAnew.incrementAndGet();
                  }
                });
      }
    }
  }

  /** It is read no faster than what is sent back is taken. */
  @SuppressWarnings("FutureReturnValueIgnored") // what goes wrong in a write closes the channel
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // the client has gone, in whatever way
    }
  }
}
