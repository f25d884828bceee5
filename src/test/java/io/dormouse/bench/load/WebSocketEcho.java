package io.dormouse.bench.load;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;

/** Sends each message back, answers pings, and closes gracefully. */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong in a write closes the channel
final class WebSocketEcho extends SimpleChannelInboundHandler<WebSocketFrame> {
  private static final int MOST_BYTES = 1024 * 1024;

  static void install(SocketChannel channel) {
    install(channel, new ChannelHandler[0]);
  }

  /** Compresses with context takeover, as the standard's own defaults are. */
  static void installCompressing(SocketChannel channel) {
    install(channel, new WebSocketServerCompressionHandler(MOST_BYTES));
  }

  private static void install(SocketChannel channel, ChannelHandler... extensions) {
    channel
        .pipeline()
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(8 * 1024))
        .addLast(extensions)
        .addLast(new WebSocketServerProtocolHandler("/", null, true, MOST_BYTES))
        .addLast(new WebSocketEcho());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    context.write(frame.retain(), context.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close(); // the client has gone, in whatever way
  }
}
