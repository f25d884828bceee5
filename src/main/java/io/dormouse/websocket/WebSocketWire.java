package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.Wire;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Endpoint;
import io.dormouse.stream.Stream;
import io.dormouse.stream.StreamListener;
import io.dormouse.stream.StreamOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.function.Function;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.FramedataImpl1;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.framing.TextFrame;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.Handshakedata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket over a stream. Java-WebSocket's engine makes and reads the frames; it knows no socket
 * and no thread: bytes from the stream are given to its {@code decode}, and what it puts into its
 * {@code outQueue} is written to the stream.
 */
final class WebSocketWire implements Wire<Message>, StreamListener {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** A peer that pings but does not read gets no more answers than this many bytes. */
  private static final long MOST_UNWRITTEN_PONGS = 64 * 1024;

  private final Generation generation;
  private final WebSocketOptions options;
  private final WebSocketEvents events;
  private final Function<CloseReason, Goodbye> goodbye;
  private final Stream stream;
  private final WebSocketImpl engine;
  private final ResponseHead head = new ResponseHead();

  private @Nullable Request request; // set before dialing goes on
  private @Nullable Outgoing<Message> sending; // whose frames the engine is making
  private Loop.@Nullable Timer timer; // the handshake's limit, then the heartbeat
  private boolean handshaken;
  private boolean answerDue; // a ping is out, and nothing has come since
  private boolean goodbyeSaid;
  private boolean readingStopped; // since the callbacks are behind; until resumeReading
  private volatile @Nullable String subprotocol;

  WebSocketWire(
      Generation generation,
      WebSocketOptions options,
      WebSocketEvents events,
      Function<CloseReason, Goodbye> goodbye) {
    this.generation = generation;
    this.options = options;
    this.events = events;
    this.goodbye = goodbye;
    // An array, since that is what Java-WebSocket reads.
    this.stream = new Stream(generation, StreamOptions.standard(), this, Stream.Memory.ARRAY);
    this.engine = new WebSocketImpl(new Frames(), new BoundedDraft(options.maxMessageBytes()));
  }

  // ------------------------------------------------------------------------------ the handshake

  @Override
  public void connect() {
    stream.dial(options.connectTimeout().toNanos(), endpoint());
  }

  private Endpoint endpoint() {
    if (options.request() instanceof RequestSource.Asked app) {
      return new Endpoint.Asked(() -> ask(app));
    }
    RequestSource.Known known = (RequestSource.Known) options.request();
    request = known.request();
    return new Endpoint.Known(known.request().endpoint());
  }

  /** On a worker thread; what it sets is seen by the loop, which goes on after it. */
  private InetSocketAddress ask(RequestSource.Asked app) {
    Request asked = app.ask(generation.connectionName());
    request = asked;
    return asked.endpoint();
  }

  @Override
  public void connected() {
    Request asked = request;
    if (asked == null) {
      throw new IllegalStateException("connected before the app was asked where to");
    }
    timer = generation.loop().schedule(options.handshakeTimeout().toNanos(), this::noHandshake);
    HandshakeImpl1Client handshake = new HandshakeImpl1Client();
    handshake.setResourceDescriptor(asked.resource());
    handshake.put("Host", asked.host());
    asked.headers().forEach(handshake::put);
    if (!options.subprotocols().isEmpty()) {
      handshake.put("Sec-WebSocket-Protocol", String.join(", ", options.subprotocols()));
    }
    try {
      engine.startHandshake(handshake);
    } catch (InvalidHandshakeException e) {
      end(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, "the handshake was not made", e));
    }
  }

  private void noHandshake() {
    end(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, "no answer to the handshake"));
  }

  private void readHead(ByteBuffer bytes) {
    boolean complete = head.add(bytes);
    if (head.isTooLong()) {
      end(
          CloseReason.of(
              CloseReason.Kind.LIMIT_EXCEEDED, "the answer to the handshake is too long"));
    } else if (!complete) {
      return;
    } else if (head.status() == 0) {
      end(CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR, "the answer is not HTTP"));
    } else if (head.status() != 101) {
      CloseReason rejected =
          CloseReason.ofCode(CloseReason.Kind.HANDSHAKE_REJECTED, head.status(), "");
      end(head.retryAfter(Instant.now()).map(rejected::withRetryAfter).orElse(rejected));
    } else if (!isAnswerToOurOffer()) {
      end(
          CloseReason.of(
              CloseReason.Kind.PROTOCOL_ERROR,
              "the server chose a subprotocol or an extension that was not offered"));
    } else {
      handshaken = true;
      engine.decode(head.bytes());
    }
  }

  private boolean isAnswerToOurOffer() {
    String chosen = head.header("Sec-WebSocket-Protocol");
    return (chosen.isEmpty() || options.subprotocols().contains(chosen))
        && head.header("Sec-WebSocket-Extensions").isEmpty();
  }

  private void opened() {
    cancelTimer();
    String chosen = head.header("Sec-WebSocket-Protocol");
    subprotocol = chosen.isEmpty() ? null : chosen;
    beatLater();
    generation.connected();
  }

  @Nullable String subprotocol() {
    return subprotocol;
  }

  // ------------------------------------------------------------------------------------ traffic

  @Override
  public boolean received(ByteBuffer bytes) {
    if (!handshaken) {
      readHead(bytes);
    } else {
      if (answerDue) {
        cancelTimer();
        beatLater();
      }
      engine.decode(bytes);
    }
    return !readingStopped;
  }

  private void deliver(int bytes, Runnable callback) {
    // The last word counts: the callbacks may have caught up with what was stopped for before.
    readingStopped = !generation.deliver(bytes, callback);
  }

  @Override
  public void resumeReading() {
    readingStopped = false;
    stream.resumeReading();
  }

  @Override
  public void send(Outgoing<Message> message) {
    FramedataImpl1 frame = frame(message.payload());
    sending = message;
    try {
      engine.sendFrame(frame);
    } finally {
      sending = null;
    }
  }

  /** A frame is made of its message alone, so any thread may make it. */
  @Override
  public @Nullable DirectWrite<Message> directWrite() {
    Draft draft = engine.getDraft();
    return stream.shortcut(message -> draft.createBinaryFrame(frame(message)));
  }

  private static FramedataImpl1 frame(Message message) {
    FramedataImpl1 frame =
        switch (message.opcode()) {
          case TEXT -> new TextFrame();
          case BINARY -> new BinaryFrame();
          case PING -> new PingFrame();
          default -> throw new IllegalArgumentException("not sent by apps: " + message.opcode());
        };
    frame.setPayload(message.payload());
    frame.setTransferemasked(true);
    return frame;
  }

  /** The engine has made a frame. */
  private void writeFrames() {
    for (ByteBuffer frame = engine.outQueue.poll(); frame != null; frame = engine.outQueue.poll()) {
      if (!goodbyeSaid) { // RFC 6455, section 5.5.1: nothing after a close frame
        stream.write(frame, sending, true);
      }
    }
  }

  // --------------------------------------------------------------------------------- the heartbeat

  private void beatLater() {
    options
        .heartbeat()
        .ifPresent(interval -> timer = generation.loop().schedule(interval.toNanos(), this::beat));
  }

  private void beat() {
    long pinged = generation.loop().nanoTime();
    engine.sendFrame(new PingFrame());
    answerDue = true;
    timer =
        generation.loop().schedule(options.heartbeatAnswer().toNanos(), () -> checkAnswer(pinged));
  }

  /**
   * Whatever comes shows that the peer is there; it may be busy with a long message. Nothing has
   * come in time, but it may be we who don't read, or the ping may wait behind what we send: as
   * long as that moves, the peer is there too.
   */
  private void checkAnswer(long pingedNanos) {
    boolean notRead = stream.isReadingStopped() || stream.receivedNanos() - pingedNanos >= 0;
    if (notRead || stream.drainedNanos() - pingedNanos >= 0) {
      cancelTimer();
      beatLater();
    } else {
      end(CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT));
    }
  }

  private void cancelTimer() {
    answerDue = false;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  // -------------------------------------------------------------------------------------- the end

  @Override
  public void flush() {
    stream.flush();
  }

  @Override
  public void unflush() {
    stream.unflush();
  }

  @Override
  public void flushed() {
    generation.flushed();
  }

  /**
   * Our close frame goes out while the engine still reads, since the peer's answer is to be read.
   */
  @Override
  public void softClose(CloseReason why) {
    cancelTimer();
    stream.unflush();
    Goodbye words = goodbye.apply(why);
    CloseFrame frame = new CloseFrame();
    frame.setCode(words.code());
    frame.setReason(words.reason());
    if (engine.isOpen()) {
      engine.sendFrame(frame);
    }
    goodbyeSaid = true;
  }

  /** The closing handshake is complete, or begun by the peer, or a frame was against the rules. */
  private void closing(int code, boolean byPeer) {
    if (goodbyeSaid && byPeer) {
      stream.finish();
    } else if (byPeer) {
      end(CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, code, ""));
    } else if (code == CloseFrame.TOOBIG) {
      end(CloseReason.ofCode(CloseReason.Kind.LIMIT_EXCEEDED, code, "message too long"));
    } else {
      end(CloseReason.ofCode(CloseReason.Kind.PROTOCOL_ERROR, Math.max(0, code), ""));
    }
  }

  private void end(CloseReason reason) {
    cancelTimer();
    stream.writeAndClose(reason);
  }

  @Override
  public void finished() {
    cancelTimer();
    generation.softClosed();
  }

  @Override
  public void failed(CloseReason reason) {
    cancelTimer();
    generation.ended(reason);
  }

  @Override
  public void abort() {
    cancelTimer();
    stream.abort();
  }

  @Override
  public int openSockets() {
    return stream.openSockets();
  }

  /** What the engine tells; all of it inside {@code decode} or {@code sendFrame}, on the loop. */
  private final class Frames extends WebSocketAdapter {
    @Override
    public void onWebsocketOpen(WebSocket socket, Handshakedata handshake) {
      opened();
    }

    @Override
    public void onWebsocketMessage(WebSocket socket, String text) {
      deliver(text.length(), () -> events.text(text));
    }

    @Override
    public void onWebsocketMessage(WebSocket socket, ByteBuffer data) {
      deliver(data.remaining(), () -> events.binary(data));
    }

    @Override
    public void onWebsocketPing(WebSocket socket, Framedata ping) {
      if (stream.unwrittenOwnBytes() < MOST_UNWRITTEN_PONGS) {
        socket.sendFrame(new PongFrame((PingFrame) ping));
      }
    }

    @Override
    public void onWebsocketPong(WebSocket socket, Framedata pong) {
      ByteBuffer data = pong.getPayloadData();
      if (data.hasRemaining()) { // the heartbeat's own are empty
        deliver(data.remaining(), () -> events.pong(data));
      }
    }

    @Override
    public void onWriteDemand(WebSocket socket) {
      writeFrames();
    }

    @Override
    public void onWebsocketClosing(WebSocket socket, int code, String reason, boolean remote) {
      closing(code, remote);
    }

    @Override
    public void onWebsocketError(WebSocket socket, Exception e) {
      // What follows from it comes through onWebsocketClosing. The message may quote the peer.
      log.debug("{}: {} in a frame", generation.connectionName(), e.getClass().getSimpleName());
    }

    @Override
    public void onWebsocketClose(WebSocket socket, int code, String reason, boolean remote) {}

    @Override
    public void onWebsocketCloseInitiated(WebSocket socket, int code, String reason) {}

    @Override
    public @Nullable InetSocketAddress getLocalSocketAddress(WebSocket socket) {
      return null;
    }

    @Override
    public @Nullable InetSocketAddress getRemoteSocketAddress(WebSocket socket) {
      return null;
    }
  }
}
