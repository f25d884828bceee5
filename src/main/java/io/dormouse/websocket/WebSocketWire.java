package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.SendingWire;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import io.dormouse.stream.StreamListener;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.java_websocket.framing.CloseFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket over a stream: the opening handshake, then frames through a {@link FrameReader} and
 * as {@link MaskedFrame}s, then the closing handshake.
 *
 * <p>The end is as RFC 6455 has it: our close frame and the peer's make the closing handshake,
 * whoever begins; then TCP is closed.
 */
final class WebSocketWire implements SendingWire<Message>, StreamListener {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** How long the app has to answer what came before a rule was broken. */
  private static final long ANSWER_LIMIT = TimeUnit.SECONDS.toNanos(1);

  private sealed interface Phase {
    /**
     * The peer has broken a rule. Nothing more is read, but the app may still answer what came
     * before; then our close frame says which kind of rule it was.
     */
    record Failing(FrameException broken, Loop.Timer limit) implements Phase {}
  }

  private enum Plain implements Phase {
    /** There is no connected socket yet. */
    DIALING,
    /** The server's answer to our handshake is awaited. */
    OPENING,
    /** Frames go both ways. */
    OPEN,
    /** Our close frame is out, and the peer's is awaited. Nothing is sent. */
    CLOSING,
    /** Nothing more is read or sent. */
    CLOSED
  }

  private final Generation generation;
  private final WebSocketOptions options;
  private final WebSocketEvents events;
  private final Function<CloseReason, CloseMessage> closeMessage;
  private final OpeningHandshake opening;
  private final FrameReader reader;
  private final Encoder encoder;

  // Made anew for each redirect.
  private volatile Stream stream; // written on the loop
  private Unread unread;
  private Delivery delivery;
  private Pongs pongs;
  private Heartbeat heartbeat;

  private Phase phase = Plain.DIALING;
  private boolean flushing;

  WebSocketWire(
      Generation generation,
      WebSocketOptions options,
      Executor computing,
      WebSocketEvents events,
      Function<CloseReason, CloseMessage> closeMessage) {
    this.generation = generation;
    this.options = options;
    this.events = events;
    this.closeMessage = closeMessage;
    this.opening = new OpeningHandshake(generation, options, events, new Opening());
    this.reader = new FrameReader(new Frames(), options.maxMessageBytes());
    this.encoder = new Encoder(generation.loop(), computing, this::write);
    makeStream();
  }

  private void makeStream() {
    Stream made = new Stream(generation, options.stream(), this);
    stream = made;
    unread = new Unread(generation.loop(), made, this::readUnread);
    delivery = new Delivery(generation, made, events, unread::resume);
    pongs = new Pongs(generation.loop(), made);
    heartbeat = new Heartbeat(generation.loop(), made, options, this::cut);
  }

  // ------------------------------------------------------------------------------ the handshake

  @Override
  public void connect() {
    opening.dial(stream);
  }

  @Override
  public void connected() {
    phase = Plain.OPENING;
    opening.ask(stream);
  }

  /** What becomes of the handshake. */
  private final class Opening implements OpeningHandshake.Listener {
    @Override
    public void opened(Optional<DeflateOffer.Agreement> compression) {
      compression.ifPresent(WebSocketWire.this::compress);
      phase = Plain.OPEN;
      heartbeat.start();
      generation.connected();
    }

    @Override
    public void redirected() {
      stream.abort();
      phase = Plain.DIALING;
      makeStream();
      connect();
    }

    @Override
    public void refused(CloseReason reason) {
      cut(reason);
    }
  }

  private void compress(DeflateOffer.Agreement agreement) {
    int minimumSize = options.compression().map(Compression::minimumSize).orElse(0);
    reader.inflateWith(new Inflation(agreement.serverTakeover(), generation.loop()));
    encoder.deflateWith(new Deflation(agreement, minimumSize));
  }

  // ---------------------------------------------------------------------------------- receiving

  @Override
  public boolean received(ByteBuffer bytes) {
    int count = bytes.remaining();
    if (phase == Plain.OPENING) {
      opening.read(bytes);
      if (phase == Plain.DIALING) {
        return false; // another stream
      }
    } else {
      heartbeat.heard();
    }
    readFrames(bytes);
    boolean goesOn = delivery.goesOn(reader, count);
    if (bytes.hasRemaining() && readsFrames()) {
      unread.keep(bytes, goesOn);
      return false;
    }
    return goesOn;
  }

  private boolean readUnread(ByteBuffer bytes) {
    readFrames(bytes);
    return delivery.goesOn(reader, 0);
  }

  private boolean readsFrames() {
    return phase == Plain.OPEN || phase == Plain.CLOSING;
  }

  private void readFrames(ByteBuffer bytes) {
    if (!readsFrames()) {
      return;
    }
    try {
      reader.read(bytes);
    } catch (FrameException e) {
      broken(e);
    }
    if (phase == Plain.OPEN) {
      pongs.readOver();
    }
  }

  @Override
  public void resumeReading() {
    delivery.resumeReading();
  }

  /** What the reader tells, on the loop. */
  private final class Frames implements FrameReader.Listener {
    @Override
    public void text(String text, int bytes) {
      delivery.text(text, bytes);
    }

    @Override
    public void message(Incoming message) {
      delivery.message(message);
    }

    @Override
    public void ping(ByteBuffer data) {
      if (phase == Plain.OPEN) {
        pongs.answer(data);
      }
    }

    @Override
    public void pong(ByteBuffer data) {
      if (data.hasRemaining()) {
        delivery.pong(data);
      } else {
        heartbeat.answered();
      }
    }

    @Override
    public void close(int code, String reason) {
      peerClosed(code, reason);
    }
  }

  // ------------------------------------------------------------------------------------ sending

  @Override
  public void send(Outgoing<Message> message) {
    if (phase == Plain.OPEN || phase instanceof Phase.Failing) {
      // And else not: nothing comes after a close frame (RFC 6455, section 5.5.1).
      encoder.encode(message);
    }
  }

  private void write(Outgoing<Message> message) {
    ByteBuffer frame = message.payload().frame();
    heartbeat.sent(frame.remaining());
    stream.write(frame, message, true);
  }

  @Override
  public void flush() {
    flushing = true;
    encoder.whenIdle(this::flushEncoded);
  }

  private void flushEncoded() {
    if (flushing) {
      stream.flush();
    }
  }

  @Override
  public void unflush() {
    flushing = false;
    stream.unflush();
  }

  @Override
  public void flushed() {
    generation.flushed();
  }

  // ------------------------------------------------------------------------- the peer is at fault

  private void broken(FrameException e) {
    if (phase != Plain.OPEN) {
      end(reasonOf(e)); // our close frame is out, so there are no answers
      return;
    }
    pongs.readOver();
    heartbeat.stop();
    phase = new Phase.Failing(e, generation.loop().schedule(ANSWER_LIMIT, this::fail));
    // After all callbacks that were delivered before; and on the loop after what they have sent.
    boolean unused = generation.deliver(0, this::failSoon);
  }

  /** Any thread. */
  private void failSoon() {
    try {
      generation.loop().execute(() -> encoder.whenIdle(this::fail));
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", generation.connectionName(), e);
    }
  }

  /** Says what was broken, if it was. */
  private void fail() {
    if (phase instanceof Phase.Failing failing) {
      sayClose(CloseMessage.of(failing.broken.code()));
      end(reasonOf(failing.broken));
    }
  }

  private static CloseReason reasonOf(FrameException e) {
    CloseReason.Kind kind =
        e.code() == CloseFrame.TOOBIG
            ? CloseReason.Kind.LIMIT_EXCEEDED
            : CloseReason.Kind.PROTOCOL_ERROR;
    return CloseReason.ofCode(kind, e.code(), e.what());
  }

  // -------------------------------------------------------------------------------------- the end

  /** Our close frame goes out, and the peer's is awaited, however far behind the app is. */
  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    heartbeat.stop();
    encoder.stop();
    stream.unflush();
    if (phase == Plain.OPEN) {
      sayClose(closeMessage.apply(why));
      phase = Plain.CLOSING;
      delivery.close();
    }
    fail();
  }

  private void sayClose(CloseMessage message) {
    stream.write(message.frame());
  }

  private void peerClosed(int code, String text) {
    if (phase == Plain.CLOSING) {
      phase = Plain.CLOSED;
      stream.finish();
      return;
    }
    pongs.readOver();
    sayClose(CloseMessage.of(code)); // as it came, which completes the closing handshake
    CloseReason reason = CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, code, "");
    end(text.isEmpty() ? reason : reason.withPeerText(text));
  }

  /** A peer that has broken a rule hears of it even if it has ended its side. */
  @Override
  public boolean inputEnded() {
    return phase instanceof Phase.Failing;
  }

  /** Ends after what is still to be written: the peer is to hear why. */
  private void end(CloseReason reason) {
    letGo();
    stream.writeAndClose(reason);
  }

  /** Ends at once, since nobody is there who would hear more. */
  private void cut(CloseReason reason) {
    letGo();
    stream.abort();
    generation.ended(reason);
  }

  private void letGo() {
    if (phase instanceof Phase.Failing failing) {
      failing.limit.cancel();
    }
    opening.stop();
    phase = Plain.CLOSED;
    heartbeat.stop();
    pongs.stop();
    encoder.stop();
    reader.end();
    unread.drop();
    delivery.stop();
  }

  @Override
  public void finished() {
    letGo();
    generation.closed();
  }

  @Override
  public void failed(CloseReason reason) {
    CloseReason explained = explained(reason);
    letGo();
    generation.ended(explained);
  }

  private CloseReason explained(CloseReason reason) {
    if (phase == Plain.DIALING) {
      return opening.explained(reason);
    } else if (phase instanceof Phase.Failing failing) {
      return reasonOf(failing.broken); // which came first
    } else if (reason.kind() != CloseReason.Kind.PEER_CLOSED || reason.code().isPresent()) {
      return reason;
    } else if (phase == Plain.OPENING) {
      return CloseReason.of(
          CloseReason.Kind.PEER_CLOSED,
          "before it answered the handshake, as servers of wss do to ws");
    }
    // RFC 6455, section 7.1.5: TCP was closed without a close frame.
    return CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, CloseFrame.ABNORMAL_CLOSE, "");
  }

  @Override
  public void abort() {
    letGo();
    stream.abort();
  }

  // ------------------------------------------------------------------------------ to be asked

  @Override
  public int openSockets() {
    return stream.openSockets();
  }

  /** Any thread. */
  Optional<TlsSession> tlsSession() {
    return stream.tlsSession();
  }

  /** Any thread. */
  Optional<InetSocketAddress> localAddress() {
    return stream.localAddress();
  }

  /** Any thread. */
  Optional<InetSocketAddress> remoteAddress() {
    return stream.remoteAddress();
  }
}
