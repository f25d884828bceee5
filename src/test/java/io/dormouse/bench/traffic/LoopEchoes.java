package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import io.dormouse.bench.crowd.EngineChannel;
import io.dormouse.bench.crowd.Frames;
import io.dormouse.bench.load.Trust;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limit for many connections: the calling thread, one selector, and nothing else. WebSocket
 * frames are made by Java-WebSocket's engine.
 */
class LoopEchoes implements Echoes {
  private static final int BUFFER = 64 * 1024;

  private final List<Member> members = new ArrayList<>();
  private final Protocol protocol;
  private final int size;
  private final ByteBuffer message;
  private final ByteBuffer buffer;
  private int opening;

  /** The latest round. */
  protected volatile Rally rally;

  /** Wakes the loop, if it has to. */
  protected final Selector selector = Selector.open();

  LoopEchoes(Protocol protocol, Setting setting, int size, int connections) throws IOException {
    this.protocol = protocol;
    this.size = size;
    boolean tcp = protocol.isTcp();
    message = tcp ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    // The engine wants an array.
    buffer = tcp ? ByteBuffer.allocateDirect(BUFFER) : ByteBuffer.allocate(BUFFER);
    Optional<Trust> trust = protocol.trust(setting);
    for (int i = 0; i < connections; i++) {
      members.add(new Member(protocol.port(setting), trust));
    }
    long begun = System.nanoTime();
    while (opening > 0) {
      select();
      if (System.nanoTime() - begun > LIMIT_SECONDS * 1_000_000_000L) {
        throw new IOException(opening + " did not open");
      }
    }
  }

  /** One socket. */
  final class Member {
    private final ByteChannel channel;
    private final Frames frames;
    private final Answer answer = new Answer(size);

    Member(int port, Optional<Trust> trust) throws IOException {
      SocketChannel socket =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel = trust.isPresent() ? secure(socket, trust.get(), port) : socket;
      socket.configureBlocking(false);
      socket.register(selector, SelectionKey.OP_READ, this);
      frames = new Frames(channel, "127.0.0.1:" + port, () -> opening--, this::received);
      if (!protocol.isTcp()) {
        opening++;
        frames.shakeHands();
      }
    }

    void send() throws IOException {
      if (!protocol.isTcp()) {
        frames.send(message);
      } else {
        channel.write(message.clear());
        if (message.hasRemaining()) {
          throw new IOException("the system takes no more, and nobody here waits for room");
        }
      }
    }

    private void read() throws IOException {
      if (channel.read(buffer.clear()) < 0) {
        throw new EOFException();
      }
      buffer.flip();
      if (!protocol.isTcp()) {
        frames.decode(buffer);
      } else {
        received(own(buffer));
      }
    }

    private void received(ByteBuffer bytes) {
      if (answer.isWholeWith(bytes.remaining())) {
        try {
          answered(this);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Does the handshake while the socket still blocks. */
  private static ByteChannel secure(SocketChannel socket, Trust trust, int port)
      throws IOException {
    EngineChannel tls = new EngineChannel(socket, trust, "127.0.0.1", port);
    while (tls.shakeHands() != EngineChannel.Wait.NOTHING) {
      tls.runTasks();
    }
    return tls;
  }

  /** What the app gets of bytes that were read. */
  protected ByteBuffer own(ByteBuffer bytes) {
    return bytes;
  }

  /** A member's message is back. */
  protected void answered(Member member) throws IOException {
    if (rally.returned()) {
      member.send();
    }
  }

  @Override
  public void play(Rally rally) throws IOException {
    this.rally = rally;
    for (Member member : members) {
      member.send();
    }
    while (!rally.isOver()) {
      select();
      sendHandedBack();
    }
  }

  /** Sends what another thread wants sent. */
  protected void sendHandedBack() throws IOException {}

  private void select() throws IOException {
    selector.select(1_000);
    for (SelectionKey key : selector.selectedKeys()) {
      ((Member) key.attachment()).read();
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
  }
}
