package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.Wire;
import io.dormouse.loop.Loop;
import io.dormouse.network.Endpoint;
import io.dormouse.stream.Stream;
import io.dormouse.stream.StreamListener;
import io.dormouse.stream.StreamOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket over a stream: the opening handshake, then frames through a {@link FrameReader} and
 * as {@link MaskedFrame}s, then the closing handshake.
 */
final class WebSocketWire implements Wire<Message>, StreamListener {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /**
   * The end of the connection, as RFC 6455 has it: our close frame and the peer's make the closing
   * handshake, whoever begins; then TCP is closed.
   */
  private enum Phase {
    /** No socket yet, or the server has not answered. */
    CONNECTING,
    /** Frames go both ways. */
    OPEN,
    /**
     * The peer has broken a rule. Nothing more is read, but the app may still answer what came
     * before; then our close frame says which kind of rule it was.
     */
    FAILING,
    /** Our close frame is out, and the peer's is awaited. Nothing is sent. */
    CLOSING,
    /** Nothing more is read or sent. */
    CLOSED
  }

  /**
   * So many frames in one read end the turn, if they are so short that they cost more than bytes.
   */
  private static final int FRAMES_PER_TURN = 2 * 1024;

  /** How long the app has to answer what came before a rule was broken. */
  private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(1);

  /** Data that is still read, in search of pings, while the app is behind with its callbacks. */
  private static final int READ_WHILE_BEHIND = 64 * 1024;

  private final Generation generation;
  private final WebSocketOptions options;
  private final WebSocketEvents events;
  private final Function<CloseReason, CloseMessage> closeMessage;
  private final Stream stream;
  private final FrameReader reader;
  private final Pongs pongs;
  private final Heartbeat heartbeat;

  private Phase phase = Phase.CONNECTING;

  // Until it is open.
  private @Nullable Request request; // set before dialing goes on
  private RequestSource.@Nullable UnusableException unusable; // set likewise
  private @Nullable Handshake handshake;
  private @Nullable ResponseHead head = new ResponseHead();

  private Loop.@Nullable Timer limit; // for the handshake, or for answers while FAILING
  private @Nullable FrameException broken; // what ended the reading
  private boolean behind; // the app, with its callbacks
  private int mayRead = READ_WHILE_BEHIND;
  private boolean dropping; // what comes, while closing, since the app is behind
  private volatile @Nullable HandshakeResponse handshakeResponse;

  WebSocketWire(
      Generation generation,
      WebSocketOptions options,
      WebSocketEvents events,
      Function<CloseReason, CloseMessage> closeMessage) {
    this.generation = generation;
    this.options = options;
    this.events = events;
    this.closeMessage = closeMessage;
    this.stream = new Stream(generation, StreamOptions.standard(), this);
    this.reader = new FrameReader(new Frames(), options.maxMessageBytes());
    this.pongs = new Pongs(generation.loop(), stream);
    this.heartbeat = new Heartbeat(generation.loop(), stream, options, this::cut);
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

  /** Not on the loop, which goes on after it and sees what it sets. */
  private InetSocketAddress ask(RequestSource.Asked app) throws RequestSource.UnusableException {
    try {
      Request asked = app.ask(generation.connectionName());
      request = asked;
      return asked.endpoint();
    } catch (RequestSource.UnusableException e) {
      unusable = e;
      throw e;
    }
  }

  @Override
  public void connected() {
    Request asked = request;
    if (asked == null) {
      throw new IllegalStateException("connected before the app was asked where to");
    }
    limit = generation.loop().schedule(options.handshakeTimeout().toNanos(), this::noHandshake);
    Handshake begun = new Handshake(asked, options.subprotocols());
    handshake = begun;
    stream.write(begun.request());
  }

  private void noHandshake() {
    end(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, "no answer to the handshake"));
  }

  private void readHead(ResponseHead head, ByteBuffer bytes) {
    Optional<HandshakeResponse> response = head.add(bytes);
    if (head.isTooLong()) {
      end(
          CloseReason.of(
              CloseReason.Kind.LIMIT_EXCEEDED, "the answer to the handshake is too long"));
    } else if (response.isPresent()) {
      answered(response.get());
    }
  }

  private void answered(HandshakeResponse response) {
    Handshake begun = handshake;
    if (begun == null || !response.isHttp()) {
      end(CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR, "the answer is not HTTP"));
    } else if (response.status() != 101) {
      CloseReason rejected =
          CloseReason.ofCode(CloseReason.Kind.HANDSHAKE_REJECTED, response.status(), "");
      end(
          response
              .retryAfter(generation.network().now())
              .map(rejected::withRetryAfter)
              .orElse(rejected));
    } else {
      Optional<String> problem = begun.problemOf(response);
      if (problem.isPresent()) {
        end(CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR, problem.get()));
      } else {
        opened(response);
      }
    }
  }

  private void opened(HandshakeResponse response) {
    phase = Phase.OPEN;
    cancelLimit();
    handshake = null; // it is for this one answer, and large
    head = null;
    handshakeResponse = response;
    heartbeat.start();
    generation.connected();
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  /** Any thread. */
  @Nullable HandshakeResponse handshakeResponse() {
    return handshakeResponse;
  }

  // ---------------------------------------------------------------------------------- receiving

  @Override
  public boolean received(ByteBuffer bytes) {
    ResponseHead awaited = head;
    if (awaited != null) {
      readHead(awaited, bytes);
    } else {
      heartbeat.heard();
    }
    if (phase == Phase.OPEN || phase == Phase.CLOSING) {
      readFrames(bytes);
    }
    return goesOn();
  }

  private void readFrames(ByteBuffer bytes) {
    try {
      reader.read(bytes);
    } catch (FrameException e) {
      brokenBy(e);
    }
    if (phase == Phase.OPEN) {
      pongs.readOver();
    }
  }

  private void brokenBy(FrameException e) {
    broken = e;
    if (phase == Phase.OPEN) {
      pongs.readOver();
      phase = Phase.FAILING;
      heartbeat.stop();
      limit = generation.loop().schedule(ANSWER_LIMIT, this::fail);
      // After all callbacks that were delivered before; and on the loop after what they have sent.
      boolean unused = generation.deliver(0, this::failSoon);
    } else {
      end(reasonOf(e)); // there are no answers, and our close frame is out
    }
  }

  /** Any thread. */
  private void failSoon() {
    try {
      generation.loop().execute(this::fail);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", generation.connectionName(), e);
    }
  }

  private void fail() {
    FrameException e = broken;
    if (phase == Phase.FAILING && e != null) {
      sayClose(CloseMessage.of(e.code()));
      end(reasonOf(e));
    }
  }

  private static CloseReason reasonOf(FrameException e) {
    CloseReason.Kind kind =
        e.code() == CloseFrame.TOOBIG
            ? CloseReason.Kind.LIMIT_EXCEEDED
            : CloseReason.Kind.PROTOCOL_ERROR;
    return CloseReason.ofCode(kind, e.code(), e.what());
  }

  /** Returns false to stop reading, for this turn or until the app has caught up. */
  private boolean goesOn() {
    boolean manyFrames = reader.framesSinceAsked() > FRAMES_PER_TURN;
    mayRead -= reader.dataSinceAsked();
    if (!behind) {
      mayRead = READ_WHILE_BEHIND;
    }
    if (behind && mayRead <= 0 && phase != Phase.CLOSING) {
      return false;
    } else if (!manyFrames) {
      return true;
    }
    try {
      generation.loop().execute(this::nextTurn);
      return false;
    } catch (RejectedExecutionException e) {
      return true; // the registry has ended, and this stream is next
    }
  }

  private void nextTurn() {
    if (!behind || mayRead > 0 || phase == Phase.CLOSING) {
      stream.resumeReading();
    }
  }

  @Override
  public void resumeReading() {
    behind = false;
    mayRead = READ_WHILE_BEHIND;
    if (stream.isReadingStopped()) {
      stream.resumeReading();
    }
  }

  private void deliver(int bytes, Runnable callback) {
    if (phase == Phase.CLOSING && (dropping || behind)) {
      dropping = true; // from now on, or there would be a gap
      return;
    }
    mayRead -= Outgoing.OVERHEAD; // and the bytes when they are read
    // The last word counts: the callbacks may have caught up with what was stopped for before.
    behind = !generation.deliver(bytes, callback);
  }

  /** Puts a message together where its callback runs, which is not the loop. */
  private void deliverWhole(Incoming message) {
    Runnable whole;
    try {
      if (message.isText()) {
        String text = message.text();
        whole = () -> events.text(text);
      } else {
        ByteBuffer data = message.binary();
        whole = () -> events.binary(data);
      }
    } catch (OutOfMemoryError e) {
      generation.loop().execute(this::noMemory); // a message is lost, and what follows with it
      throw e;
    }
    whole.run();
  }

  private void noMemory() {
    if (phase == Phase.OPEN) {
      brokenBy(new FrameException(CloseFrame.TOOBIG, "no memory for a message"));
    }
  }

  // ------------------------------------------------------------------------------------ sending

  @Override
  public void send(Outgoing<Message> message) {
    if (phase == Phase.OPEN || phase == Phase.FAILING) {
      // And else not: nothing comes after a close frame (RFC 6455, section 5.5.1).
      ByteBuffer frame = message.payload().frame();
      heartbeat.sent(frame.remaining());
      stream.write(frame, message, true);
    }
  }

  /** A frame is made of its message alone, so any thread may make it. */
  @Override
  public @Nullable DirectWrite<Message> directWrite() {
    return stream.directWrite(
        message -> {
          ByteBuffer frame = message.frame();
          heartbeat.sentDirectly(frame.remaining());
          return frame;
        });
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

  /** Our close frame goes out, and the peer's is awaited, however far behind the app is. */
  @Override
  public void softClose(CloseReason why) {
    heartbeat.stop();
    stream.unflush();
    if (phase == Phase.OPEN) {
      sayClose(closeMessage.apply(why));
      phase = Phase.CLOSING;
      if (stream.isReadingStopped()) {
        stream.resumeReading();
      }
    }
    fail(); // if it was about to
  }

  private void sayClose(CloseMessage message) {
    stream.write(message.frame());
  }

  private void peerClosed(int code, String text) {
    if (phase == Phase.CLOSING) {
      phase = Phase.CLOSED;
      stream.finish();
      return;
    }
    pongs.readOver();
    sayClose(CloseMessage.of(code)); // as it came, which completes the closing handshake
    CloseReason reason = CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, code, "");
    end(text.isEmpty() ? reason : reason.withPeerText(text));
  }

  /** Ends after what is still to be written: the peer is to hear why. */
  private void end(CloseReason reason) {
    if (phase == Phase.CONNECTING) {
      cut(reason); // nothing was said that could get lost
    } else if (phase != Phase.CLOSED) {
      letGo();
      stream.writeAndClose(reason);
    }
  }

  /** Ends at once, since nobody is there who would hear more. */
  private void cut(CloseReason reason) {
    letGo();
    stream.abort();
    generation.ended(reason);
  }

  private void letGo() {
    phase = Phase.CLOSED;
    heartbeat.stop();
    pongs.stop();
    cancelLimit();
  }

  @Override
  public void finished() {
    letGo();
    generation.softClosed();
  }

  @Override
  public void failed(CloseReason reason) {
    boolean wasOpen = phase != Phase.CONNECTING;
    letGo();
    generation.ended(explained(reason, wasOpen));
  }

  private CloseReason explained(CloseReason reason, boolean wasOpen) {
    FrameException e = broken;
    RequestSource.UnusableException given = unusable;
    if (e != null) {
      return reasonOf(e); // which came first
    } else if (given != null && reason.kind() == CloseReason.Kind.SUPPLIER_FAILED) {
      return CloseReason.of(reason.kind(), String.valueOf(given.getMessage()), given);
    } else if (wasOpen
        && reason.kind() == CloseReason.Kind.PEER_CLOSED
        && reason.code().isEmpty()) {
      // RFC 6455, section 7.1.5: TCP was closed without a close frame.
      return CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, CloseFrame.ABNORMAL_CLOSE, "");
    }
    return reason;
  }

  @Override
  public void abort() {
    letGo();
    stream.abort();
  }

  @Override
  public int openSockets() {
    return stream.openSockets();
  }

  /** What the reader tells, on the loop. */
  private final class Frames implements FrameReader.Listener {
    @Override
    public void text(String text, int bytes) {
      deliver(bytes, () -> events.text(text));
    }

    @Override
    public void message(Incoming message) {
      deliver(message.size(), () -> deliverWhole(message));
    }

    @Override
    public void ping(ByteBuffer data) {
      if (phase == Phase.OPEN) {
        pongs.answer(data);
      }
    }

    @Override
    public void pong(ByteBuffer data) {
      if (!data.hasRemaining()) {
        heartbeat.answered();
        return;
      }
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      deliver(copy.length, () -> events.pong(ByteBuffer.wrap(copy)));
    }

    @Override
    public void close(int code, String reason) {
      peerClosed(code, reason);
    }
  }
}
