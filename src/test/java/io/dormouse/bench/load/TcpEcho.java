package io.dormouse.bench.load;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;

/** Sends back whatever comes. */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong in a write closes the channel
final class TcpEcho extends ChannelInboundHandlerAdapter {
  static void install(SocketChannel channel) {
    channel.pipeline().addLast(new TcpEcho());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    context.write(bytes, context.voidPromise());
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
