package io.dormouse.engine;

import io.dormouse.testing.Host;
import io.dormouse.testing.Peer;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.WebSocketPeer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A TCP or WebSocket connection of a {@link StackWalk}: texts as lines, or as messages. */
final class StackWalkStream extends StackWalkConnection {
  private static final int MOST_SAID = 5_000;

  private final boolean webSocket;
  private final Random random;
  private final List<Far> streams = new ArrayList<>();

  StackWalkStream(StackWalk walk, Host host, boolean webSocket) {
    super(walk, host);
    this.webSocket = webSocket;
    this.random = walk.random;
    serve();
  }

  /** The far side of one stream. */
  private final class Far {
    Ways ways = StackWalkStream.this.ways;
    final boolean mute = ways == Ways.SILENT || (ways == Ways.GARBAGE && random.nextBoolean());
    final List<String> received = new ArrayList<>();
    PeerSocket socket; // null before it is open
    TextsPeer texts; // null for lines
    boolean finished;
    long said;

    void opened(PeerSocket opened) {
      socket = opened;
      switch (ways) {
        case UNREAD -> socket.stopReading();
        case SLOW -> socket.readSlowly(1 + random.nextInt(100), Duration.ofMillis(100));
        case RESETS -> soon(socket::reset);
        default -> {}
      }
    }

    /** Does this within some seconds, unless it has become well by then. */
    void soon(Runnable action) {
      Duration some = Duration.ofMillis(random.nextInt(5_000));
      socket.after(
          some,
          () -> {
            if (ways != Ways.WELL) {
              action.run();
            }
          });
    }

    void say(int bytes) {
      said += bytes;
      if (webSocket) {
        texts.sendText(socket, "x".repeat(bytes));
      } else {
        socket.send(ByteBuffer.allocate(bytes));
      }
    }

    void finish() {
      finished = true;
      socket.finish();
    }

    /** A whole text has come. */
    void arrived(String padded) {
      String text = withoutPadding(padded);
      received.add(text);
      walk.saw(text);
      int at = text.indexOf('@');
      Long generation = walk.generationOf(socket);
      check(
          at < 0 || text.substring(at + 1).equals(String.valueOf(generation)),
          "generation " + generation + " got " + text);
    }
  }

  @Override
  String end() {
    return webSocket ? "" : "\n";
  }

  private Far latest() {
    return streams.isEmpty() ? null : streams.get(streams.size() - 1);
  }

  @Override
  void serve() {
    if (walk.isOverTls()) {
      host.serve(StackWalk.PORT, this::newPeer, StackWalkTls.SERVER);
    } else {
      host.serve(StackWalk.PORT, this::newPeer);
    }
  }

  private Peer newPeer() {
    Far far = new Far();
    streams.add(far);
    return webSocket ? new TextsPeer(far) : new LinesPeer(far);
  }

  @Override
  void say() {
    if (canTalk()) {
      latest().say(1 + random.nextInt(MOST_SAID));
    }
  }

  /** Whether it is open, and past what comes before the first message. */
  private boolean canTalk() {
    Far far = latest();
    return far != null
        && far.socket != null
        && !far.finished
        && far.socket.isAlive()
        && (!webSocket || far.texts.isOpen());
  }

  @Override
  void halfClose() {
    if (!webSocket && canTalk()) {
      latest().finish();
    }
  }

  @Override
  void behaveTowardsAll() {
    for (Far far : streams) {
      far.ways = Ways.WELL;
      if (far.socket != null) {
        far.socket.readFast();
      }
    }
  }

  @Override
  boolean isPeerThere() {
    Far far = latest();
    boolean alive = far != null && far.socket != null && far.socket.isAlive();
    check(!alive || canTalk(), "open, though its peer has ended");
    return alive;
  }

  @Override
  long said() {
    return latest().said;
  }

  @Override
  long heard() {
    return heardInGeneration();
  }

  @Override
  List<String> receivedInGeneration() {
    return latest().received;
  }

  /** On every stream in order, and nowhere twice. */
  @Override
  void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends) {
    Set<String> all = new HashSet<>();
    for (Far stream : streams) {
      int before = -1;
      for (String text : stream.received) {
        int number = texts.indexOf(text);
        check(number >= 0, "received what was never sent: " + text);
        check(number > before, "received out of order: " + stream.received);
        check(all.add(text), "received twice: " + text);
        check(
            !sends.get(number).isCompletedExceptionally(),
            "received though its send has failed: " + text);
        before = number;
      }
    }
  }

  private final class LinesPeer implements Peer {
    private final Far far;
    private final StringBuilder line = new StringBuilder();

    LinesPeer(Far far) {
      this.far = far;
    }

    @Override
    public void opened(PeerSocket socket) {
      far.opened(socket);
      if (far.ways == Ways.GARBAGE) {
        far.say(random.nextInt(100_000));
      } else if (far.ways == Ways.CLOSES) {
        far.soon(random.nextBoolean() ? socket::close : far::finish);
      }
    }

    @Override
    public void received(PeerSocket socket, ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        char next = (char) bytes.get();
        if (next == '\n') {
          far.arrived(line.toString());
          line.setLength(0);
        } else {
          line.append(next);
        }
      }
      if (!far.mute && !far.finished) {
        far.say(1 + random.nextInt(10));
      }
    }

    @Override
    public void ended(PeerSocket socket) {
      if (!far.mute) {
        far.finish();
      }
    }
  }

  private final class TextsPeer extends WebSocketPeer {
    private final Far far;
    private boolean open;

    TextsPeer(Far far) {
      this.far = far;
      far.texts = this;
    }

    boolean isOpen() {
      return open && !isClosing();
    }

    @Override
    public void opened(PeerSocket socket) {
      far.opened(socket);
    }

    @Override
    protected String answer(String key) {
      return switch (far.ways) {
        case SILENT -> "";
        case REJECTS -> "HTTP/1.1 401 Unauthorized\r\n\r\n";
        case CLOSES -> random.nextBoolean() ? super.answer(key) : "HTTP/1.1 503 Busy\r\n\r\n";
        default -> super.answer(key);
      };
    }

    @Override
    protected boolean answersClose() {
      return !far.mute;
    }

    @Override
    protected void handshaken(PeerSocket socket) {
      open = far.ways != Ways.GARBAGE;
      if (!open) {
        socket.send(ByteBuffer.allocate(1_000).put(0, (byte) (0x80 + random.nextInt(0x80))));
      } else if (far.ways == Ways.CLOSES) {
        far.soon(() -> sendClose(socket, anyCode()));
      }
    }

    private int anyCode() {
      int[] codes = {1000, 1001, 1011, 1012, 4000};
      return codes[random.nextInt(codes.length)];
    }

    @Override
    protected void text(PeerSocket socket, String text) {
      far.arrived(text);
      if (isOpen()) {
        far.say(text.length());
      }
    }

    @Override
    public void ended(PeerSocket socket) {
      if (!far.mute) {
        far.finish();
      }
    }
  }
}
