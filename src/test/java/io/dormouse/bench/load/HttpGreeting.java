package io.dormouse.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Answers each request with a few words. The first bytes of a connection say which HTTP it speaks.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong in a write closes the channel
final class HttpGreeting extends ByteToMessageDecoder {
  private static final byte[] BODY =
      "A dormouse sleeps through the winter and wakes up as itself.\n"
          .getBytes(StandardCharsets.US_ASCII);

  /** What a client's connection preface begins with (RFC 9113, section 3.4), and no method does. */
  private static final byte[] PREFACE = "PRI ".getBytes(StandardCharsets.US_ASCII);

  static void install(SocketChannel channel) {
    channel.pipeline().addLast(new HttpGreeting());
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < PREFACE.length) {
      return;
    }
    byte[] first = new byte[PREFACE.length];
    in.getBytes(in.readerIndex(), first);
    if (Arrays.equals(first, PREFACE)) {
      context
          .pipeline()
          .addLast(Http2FrameCodecBuilder.forServer().validateHeaders(false).build(), new Second());
    } else {
      context.pipeline().addLast(new HttpServerCodec(), new First());
    }
    context.pipeline().remove(this); // which hands on what it has read
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  private abstract static class Answer extends ChannelInboundHandlerAdapter {
    abstract void answer(ChannelHandlerContext context, Object message);

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
      try {
        answer(context, message);
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // the client has gone, in whatever way
    }
  }

  /** HTTP/1.1. */
  private static final class First extends Answer {
    @Override
    void answer(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest) {
        FullHttpResponse response =
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(BODY));
        response
            .headers()
            .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
            .setInt(HttpHeaderNames.CONTENT_LENGTH, BODY.length);
        context.write(response);
      }
    }
  }

  /** HTTP/2. */
  private static final class Second extends Answer {
    @Override
    void answer(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2HeadersFrame request && request.isEndStream()) {
        Http2Headers headers =
            new DefaultHttp2Headers(false)
                .status("200")
                .set("content-type", "text/plain")
                .setInt("content-length", BODY.length);
        context.write(new DefaultHttp2HeadersFrame(headers).stream(request.stream()));
        context.write(
            new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(BODY), true).stream(request.stream()));
      }
    }
  }
}
