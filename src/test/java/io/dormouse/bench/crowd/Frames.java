package io.dormouse.bench.crowd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.Handshakedata;

/** Java-WebSocket's engine on a channel, with no more around it than it needs. */
final class Frames extends WebSocketAdapter {
  private final SocketChannel channel;
  private final String host;
  private final Runnable opened;
  private final WebSocketImpl engine = new WebSocketImpl(this, new Draft_6455());

  Frames(SocketChannel channel, String host, Runnable opened) {
    this.channel = channel;
    this.host = host;
    this.opened = opened;
  }

  void shakeHands() throws IOException {
    HandshakeImpl1Client handshake = new HandshakeImpl1Client();
    handshake.setResourceDescriptor("/");
    handshake.put("Host", host);
    try {
      engine.startHandshake(handshake);
    } catch (InvalidHandshakeException e) {
      throw new IOException(e);
    }
    write();
  }

  void decode(ByteBuffer bytes) {
    engine.decode(bytes);
  }

  void sayGoodbye() throws IOException {
    CloseFrame frame = new CloseFrame();
    frame.setCode(CloseFrame.GOING_AWAY);
    engine.sendFrame(frame);
    write();
  }

  /** Everything that is written here is small, and goes out at once into an empty buffer. */
  private void write() throws IOException {
    for (ByteBuffer next = engine.outQueue.poll(); next != null; next = engine.outQueue.poll()) {
      channel.write(next);
    }
  }

  @Override
  public void onWebsocketOpen(WebSocket socket, Handshakedata handshake) {
    opened.run();
  }

  @Override
  public void onWebsocketMessage(WebSocket socket, String text) {}

  @Override
  public void onWebsocketMessage(WebSocket socket, ByteBuffer data) {}

  @Override
  public void onWebsocketClose(WebSocket socket, int code, String reason, boolean remote) {}

  @Override
  public void onWebsocketClosing(WebSocket socket, int code, String reason, boolean remote) {}

  @Override
  public void onWebsocketCloseInitiated(WebSocket socket, int code, String reason) {}

  @Override
  public void onWebsocketError(WebSocket socket, Exception e) {
    throw new IllegalStateException(e);
  }

  @Override
  public void onWriteDemand(WebSocket socket) {}

  @Override
  public InetSocketAddress getLocalSocketAddress(WebSocket socket) {
    return null;
  }

  @Override
  public InetSocketAddress getRemoteSocketAddress(WebSocket socket) {
    return null;
  }
}
