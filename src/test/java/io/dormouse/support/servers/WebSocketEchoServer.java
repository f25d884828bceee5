package io.dormouse.support.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.handshake.Handshakedata;

/**
 * Sends back every message, text or binary. The protocol is Java-WebSocket's, its server is not:
 * that one writes on one thread and queues on another, and now and then leaves the last of two
 * messages lying ({@code WebSocketServer.doWrite} takes back the interest in writing that {@code
 * onWriteDemand} has just put in).
 */
public final class WebSocketEchoServer extends StreamServer {
  /** Creates one. */
  public WebSocketEchoServer() {}

  /** Creates one that speaks over TLS. */
  public WebSocketEchoServer(SSLContext tls) {
    super(tls);
  }

  @Override
  protected void serve(Socket socket) throws IOException {
    WebSocketImpl engine = new WebSocketImpl(new Echo(socket), List.of());
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      engine.decode(ByteBuffer.wrap(buffer, 0, n));
      flush(engine, socket.getOutputStream());
      if (engine.isFlushAndClose()) {
        return;
      }
    }
  }

  private static void flush(WebSocketImpl engine, OutputStream out) throws IOException {
    for (ByteBuffer next = engine.outQueue.poll(); next != null; next = engine.outQueue.poll()) {
      byte[] frame = new byte[next.remaining()];
      next.get(frame);
      out.write(frame);
    }
  }

  /** All is called within {@code decode}, so on the connection's thread. */
  private final class Echo extends WebSocketAdapter {
    private final Socket socket;

    Echo(Socket socket) {
      this.socket = socket;
    }

    @Override
    public void onWebsocketMessage(WebSocket peer, String message) {
      countReceived(message.length());
      peer.send(message);
    }

    @Override
    public void onWebsocketMessage(WebSocket peer, ByteBuffer message) {
      countReceived(message.remaining());
      peer.send(message);
    }

    @Override
    public void onWriteDemand(WebSocket peer) {
      // Written after each decode() anyway.
    }

    @Override
    public void onWebsocketOpen(WebSocket peer, Handshakedata handshake) {}

    @Override
    public void onWebsocketCloseInitiated(WebSocket peer, int code, String reason) {}

    @Override
    public void onWebsocketClosing(WebSocket peer, int code, String reason, boolean remote) {}

    @Override
    public void onWebsocketClose(WebSocket peer, int code, String reason, boolean remote) {}

    @Override
    public void onWebsocketError(WebSocket peer, Exception problem) {}

    @Override
    public InetSocketAddress getLocalSocketAddress(WebSocket peer) {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public InetSocketAddress getRemoteSocketAddress(WebSocket peer) {
      return (InetSocketAddress) socket.getRemoteSocketAddress();
    }
  }
}
