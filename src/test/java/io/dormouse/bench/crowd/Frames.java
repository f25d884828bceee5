package io.dormouse.bench.crowd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.Handshakedata;

/** Java-WebSocket's engine on a channel, with no more around it than it needs. */
public final class Frames extends WebSocketAdapter {
  private final WritableByteChannel channel;
  private final String host;
  private final Runnable opened;
  private final Consumer<ByteBuffer> received;
  private final WebSocketImpl engine = new WebSocketImpl(this, new Draft_6455());

  Frames(WritableByteChannel channel, String host, Runnable opened) {
    this(channel, host, opened, message -> {});
  }

  /**
   * For a channel that is connected, or will be before it is used.
   *
   * @param opened runs after the handshake
   * @param received takes binary messages
   */
  public Frames(
      WritableByteChannel channel, String host, Runnable opened, Consumer<ByteBuffer> received) {
    this.channel = channel;
    this.host = host;
    this.opened = opened;
    this.received = received;
  }

  /** Sends the client's part of the handshake. */
  public void shakeHands() throws IOException {
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

  /**
   * Takes what was read, in a buffer with an array. TLS may have read what is not for the app; the
   * engine does not take nothing.
   */
  public void decode(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      engine.decode(bytes);
    }
  }

  /** Sends a binary message. */
  public void send(ByteBuffer message) throws IOException {
    engine.send(message.duplicate());
    write();
  }

  void sendCloseFrame() throws IOException {
    CloseFrame frame = new CloseFrame();
    frame.setCode(CloseFrame.GOING_AWAY);
    engine.sendFrame(frame);
    write();
  }

  /** Everything that is written here goes out at once into an empty buffer of the system. */
  private void write() throws IOException {
    for (ByteBuffer next = engine.outQueue.poll(); next != null; next = engine.outQueue.poll()) {
      channel.write(next);
      if (next.hasRemaining()) {
        throw new IOException("the system takes no more, and nobody here waits for room");
      }
    }
  }

  @Override
  public void onWebsocketOpen(WebSocket socket, Handshakedata handshake) {
    opened.run();
  }

  @Override
  public void onWebsocketMessage(WebSocket socket, String text) {}

  @Override
  public void onWebsocketMessage(WebSocket socket, ByteBuffer data) {
    received.accept(data);
  }

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
