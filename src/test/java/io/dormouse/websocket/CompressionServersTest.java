package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** permessage-deflate with servers that are not ours. */
class CompressionServersTest {
  private final App app = new App();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final int heldBefore = Zlib.held();

  @AfterEach
  void close() {
    app.close();
    Await.until("all is freed", () -> Zlib.held() == heldBefore);
  }

  private int connections;

  private WebSocketConnection connect(int port, Compression compression) {
    WebSocketConnection chat =
        app.registry
            .webSocket("chat " + connections++)
            .connectTo(App.url(port))
            .compression(compression.minimumSize(1))
            .onText((ws, text) -> received.add(text))
            .register();
    Await.get(chat.whenOpen());
    return chat;
  }

  private void echoes(WebSocketConnection chat) {
    for (int i = 0; i < 60; i++) {
      String text = "{\"number\":" + i + ",\"grüße\":\"\uD83D\uDC2D\"}";
      String message = text.repeat(i % 10 == 9 ? 10_000 : i % 5);
      Object unused = chat.sendText(message);
      assertThat(Await.next(received)).isEqualTo(message);
    }
    assertThat(chat.snapshot().generation()).isEqualTo(1);
  }

  @Test
  void okHttps() throws Exception {
    MockWebServer server = new MockWebServer();
    server.start(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < 2; i++) {
      server.enqueue(
          new MockResponse.Builder()
              .addHeader("Sec-WebSocket-Extensions", "permessage-deflate" + (i == 0 ? "" : EACH))
              .webSocketUpgrade(
                  new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket webSocket, String text) {
                      webSocket.send(text);
                    }

                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                      webSocket.close(code, null);
                    }

                    @Override
                    public void onFailure(WebSocket ws, Throwable t, Response response) {
                      received.add("failure of the server: " + t);
                    }
                  })
              .build());
      WebSocketConnection chat = connect(server.getPort(), Compression.deflate());
      assertThat(chat.handshakeResponse().orElseThrow().header("Sec-WebSocket-Extensions"))
          .isPresent();
      echoes(chat);
      chat.close();
    }
    assertThat(received).isEmpty();
    server.close();
  }

  private static final String EACH = "; server_no_context_takeover; client_no_context_takeover";

  @Test
  void nettys() {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(65_536),
                            new WebSocketServerCompressionHandler(0),
                            new WebSocketServerProtocolHandler(
                                WebSocketServerProtocolConfig.newBuilder()
                                    .websocketPath("/")
                                    .allowExtensions(true)
                                    .maxFramePayloadLength(1 << 24)
                                    .build()),
                            new WebSocketFrameAggregator(1 << 24),
                            new Echo());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    for (Compression compression :
        new Compression[] {
          Compression.deflate(), Compression.deflate().withoutClientTakeover(),
        }) {
      WebSocketConnection chat = connect(port, compression);
      assertThat(chat.handshakeResponse().orElseThrow().header("Sec-WebSocket-Extensions"))
          .isPresent();
      echoes(chat);
      chat.close();
    }
    server.close().syncUninterruptibly();
    Object unused = group.shutdownGracefully();
  }

  private static final class Echo extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
      Object unused = context.writeAndFlush(new TextWebSocketFrame(frame.text()));
    }
  }
}
