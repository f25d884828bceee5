package io.dormouse.support.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.DefaultWebSocketServerFactory;
import org.java_websocket.server.WebSocketServer;

/** Sends back every message, text or binary, on Java-WebSocket's server. */
public final class WebSocketEchoServer extends LocalServer {
  private Echo server;

  @Override
  protected int open(InetSocketAddress address) throws IOException {
    server = new Echo(address);
    server.start();
    try {
      server.started.join();
    } catch (CompletionException e) {
      throw new IOException("the WebSocket server did not start", e.getCause());
    }
    return server.getPort();
  }

  @Override
  protected void die() {
    server.die();
  }

  private final class Echo extends WebSocketServer {
    final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Set<SocketChannel> accepted = ConcurrentHashMap.newKeySet();

    Echo(InetSocketAddress address) {
      super(address, 1);
      setReuseAddr(true);
      setTcpNoDelay(true);
      setDaemon(true);
      // The client's heartbeat is what is on show, not the server's.
      setConnectionLostTimeout(0);
      setWebSocketFactory(
          new DefaultWebSocketServerFactory() {
            @Override
            public SocketChannel wrapChannel(SocketChannel channel, SelectionKey key) {
              accepted.removeIf(earlier -> !earlier.isOpen());
              accepted.add(channel);
              return channel;
            }
          });
    }

    @Override
    public void onStart() {
      started.complete(null);
    }

    @Override
    public void onOpen(WebSocket peer, ClientHandshake handshake) {
      countAccepted();
    }

    @Override
    public void onMessage(WebSocket peer, String message) {
      countReceived(message.length());
      peer.send(message);
    }

    @Override
    public void onMessage(WebSocket peer, ByteBuffer message) {
      countReceived(message.remaining());
      peer.send(message);
    }

    @Override
    public void onClose(WebSocket peer, int code, String reason, boolean remote) {}

    @Override
    public void onError(WebSocket peer, Exception problem) {
      if (peer == null) {
        started.completeExceptionally(problem);
      }
    }

    void die() {
      try {
        // The sockets first: stop() alone would send each client a close frame with 1001, and
        // forget those that are still in the handshake.
        for (SocketChannel channel : accepted) {
          channel.close();
        }
        stop(1_000);
      } catch (IOException e) {
        // It is gone either way.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
