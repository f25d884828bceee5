package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Trust;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLParameters;

/**
 * TLS by the JDK's engine on a channel, with no more around it than it needs. Everything that is
 * written goes out at once into an empty buffer of the system. For one thread at a time.
 */
public final class EngineChannel implements ByteChannel {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ByteBuffer received;
  private final ByteBuffer record;

  /** What a handshake waits for. */
  public enum Wait {
    /** {@link #runTasks} is to be called, on any thread. */
    TASKS,
    /** The server's next bytes. */
    BYTES,
    /** It is done. */
    NOTHING
  }

  /** For a channel that is connected. Takes as long as making a key does. */
  public EngineChannel(SocketChannel channel, Trust trust, String host, int port)
      throws IOException {
    this.channel = channel;
    engine = trust.context().createSSLEngine(host, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    engine.beginHandshake();
    received = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
  }

  /** Does the arithmetic that a handshake waits for. */
  public void runTasks() {
    Runnable task = engine.getDelegatedTask();
    while (task != null) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  /** Goes on with the handshake as far as it goes. */
  public Wait shakeHands() throws IOException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          return Wait.TASKS;
        }
        case NEED_WRAP -> wrap(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (unwrap(NOTHING).getStatus() == Status.BUFFER_UNDERFLOW && receive() == 0) {
            return Wait.BYTES;
          }
        }
        default -> {
          return Wait.NOTHING;
        }
      }
    }
  }

  private void wrap(ByteBuffer from) throws IOException {
    record.clear();
    engine.wrap(from, record);
    record.flip();
    channel.write(record);
    if (record.hasRemaining()) {
      throw new IOException("the system takes no more, and nobody here waits for room");
    }
  }

  private SSLEngineResult unwrap(ByteBuffer into) throws IOException {
    received.flip();
    try {
      return engine.unwrap(received, into);
    } finally {
      received.compact();
    }
  }

  private int receive() throws IOException {
    int count = channel.read(received);
    if (count < 0) {
      throw new IOException("cut");
    }
    return count;
  }

  /**
   * Decrypts what has come.
   *
   * @param into has room for whatever fits into a buffer of the size of a record, and a record more
   */
  @Override
  public int read(ByteBuffer into) throws IOException {
    int before = into.position();
    if (channel.read(received) < 0) {
      return -1;
    }
    received.flip();
    SSLEngineResult result;
    do {
      result = engine.unwrap(received, into);
    } while (result.getStatus() == Status.OK && received.hasRemaining());
    received.compact();
    if (result.getStatus() == Status.BUFFER_OVERFLOW) {
      throw new IOException("no room for a record");
    }
    return result.getStatus() == Status.CLOSED ? -1 : into.position() - before;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int before = from.position();
    while (from.hasRemaining()) {
      wrap(from);
    }
    return from.position() - before;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
