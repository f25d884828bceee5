package io.dormouse.network;

import io.dormouse.connection.TlsSession;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking stream of bytes to one peer. {@link SocketTransport} is the plain socket; TLS and
 * the tunnel of a proxy are transports too, whose handshake is a part of connecting, so that a
 * stream sees the same with each of them.
 *
 * <p>What a transport waits for is its own business: it may have to write in order to read, to wait
 * for work that is done on another thread, or hold bytes that no selector knows of. Who uses it
 * asks for {@linkplain Loop.Registration#interest what it wants to do next}, in the bits of {@link
 * java.nio.channels.SelectionKey}, and is called when to try.
 *
 * <p>Loop only, except where a method says otherwise.
 */
public interface Transport extends ByteChannel, GatheringByteChannel {
  /**
   * Begins to connect.
   *
   * @return whether it is connected already; otherwise {@link #finishConnect()} is to be called
   *     when it is ready for {@code OP_CONNECT}
   * @throws IOException if this address can't be connected to
   */
  boolean connect(InetSocketAddress to) throws IOException;

  /** Goes on connecting. Returns whether it is connected now, handshakes included. */
  boolean finishConnect() throws IOException;

  /**
   * Has {@code handler} called on the loop when what is wanted can be tried, from now on in place
   * of the handler before.
   *
   * @param ops what is wanted first
   */
  Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException;

  /**
   * Reads what is there now.
   *
   * @return the number of bytes, which may be 0; -1 when the peer has ended its side
   */
  @Override
  int read(ByteBuffer into) throws IOException;

  /**
   * Writes as much as is taken now, which may be nothing. What is not taken comes first in the next
   * write, unchanged: it may be encrypted already.
   *
   * @return the number of bytes
   */
  @Override
  long write(ByteBuffer[] from, int offset, int length) throws IOException;

  @Override
  default long write(ByteBuffer[] from) throws IOException {
    return write(from, 0, from.length);
  }

  /**
   * Tells the peer that nothing more will be written; what was, still reaches it.
   *
   * @return whether that is done; otherwise this is to be called again when it is ready for {@code
   *     OP_WRITE}
   */
  boolean shutdownOutput() throws IOException;

  /** Has {@link #close()} reset the connection, and drop what the peer has not taken yet. */
  void resetOnClose() throws IOException;

  /** Returns what TLS agreed on; null if there is no TLS, or not yet. Any thread. */
  default @Nullable TlsSession tlsSession() {
    return null;
  }

  /** Returns its own address; null if there is none, or it is closed. Any thread. */
  @Nullable SocketAddress localAddress();

  /** Returns the address it is connected to; null if it isn't. Any thread. */
  @Nullable SocketAddress remoteAddress();
}
