package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.SendingWire;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import io.dormouse.stream.StreamListener;
import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
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
    /** The server's answer to our handshake is awaited. */
    record Shaking(Handshake handshake, ResponseHead head, Loop.Timer limit) implements Phase {}

    /**
     * The peer has broken a rule. Nothing more is read, but the app may still answer what came
     * before; then our close frame says which kind of rule it was.
     */
    record Failing(FrameException broken, Loop.Timer limit) implements Phase {}
  }

  private enum Plain implements Phase {
    /** There is no connected socket yet. */
    DIALING,
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
  private final Target target;
  private final Stream stream;
  private final FrameReader reader;
  private final Delivery delivery;
  private final Pongs pongs;
  private final Heartbeat heartbeat;

  private Phase phase = Plain.DIALING;

  WebSocketWire(
      Generation generation,
      WebSocketOptions options,
      WebSocketEvents events,
      Function<CloseReason, CloseMessage> closeMessage) {
    this.generation = generation;
    this.options = options;
    this.events = events;
    this.closeMessage = closeMessage;
    this.target = new Target(generation.connectionName(), options.request());
    this.stream = new Stream(generation, StreamOptions.standard(), this);
    this.reader = new FrameReader(new Frames(), options.maxMessageBytes());
    this.delivery = new Delivery(generation, stream, events);
    this.pongs = new Pongs(generation.loop(), stream);
    this.heartbeat = new Heartbeat(generation.loop(), stream, options, this::cut);
  }

  // ------------------------------------------------------------------------------ the handshake

  @Override
  public void connect() {
    stream.dial(options.connectTimeout().toNanos(), target.endpoint(), this::tls);
  }

  private Optional<TlsClient> tls() {
    return target.request().secure() ? Optional.of(options.tls()) : Optional.empty();
  }

  @Override
  public void connected() {
    Handshake handshake = new Handshake(target.request(), options.subprotocols());
    Loop.Timer limit =
        generation.loop().schedule(options.handshakeTimeout().toNanos(), this::noAnswer);
    phase = new Phase.Shaking(handshake, new ResponseHead(), limit);
    stream.write(handshake.request());
  }

  private void noAnswer() {
    cut(CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, "no answer to the handshake"));
  }

  private void readAnswer(Phase.Shaking shaking, ByteBuffer bytes) {
    Optional<HandshakeResponse> response = shaking.head.add(bytes);
    if (shaking.head.isTooLong()) {
      cut(
          CloseReason.of(
              CloseReason.Kind.LIMIT_EXCEEDED, "the answer to the handshake is too long"));
    } else if (response.isPresent()) {
      answered(shaking, response.get());
    }
  }

  private void answered(Phase.Shaking shaking, HandshakeResponse response) {
    if (response.isHttp()) {
      events.answered(response);
    }
    Optional<CloseReason> refusal = shaking.handshake.refusal(response, generation.network().now());
    if (refusal.isPresent()) {
      cut(refusal.get()); // nothing was said that could get lost
      return;
    }
    shaking.limit.cancel();
    phase = Plain.OPEN;
    heartbeat.start();
    generation.connected();
  }

  // ---------------------------------------------------------------------------------- receiving

  @Override
  public boolean received(ByteBuffer bytes) {
    int count = bytes.remaining();
    if (phase instanceof Phase.Shaking shaking) {
      readAnswer(shaking, bytes);
    } else {
      heartbeat.heard();
    }
    if (phase == Plain.OPEN || phase == Plain.CLOSING) {
      readFrames(bytes);
    }
    return delivery.goesOn(reader, count);
  }

  private void readFrames(ByteBuffer bytes) {
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
      ByteBuffer frame = message.payload().frame();
      heartbeat.sent(frame.remaining());
      stream.write(frame, message, true);
    }
  }

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
      generation.loop().execute(this::fail);
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
    if (phase instanceof Phase.Shaking shaking) {
      shaking.limit.cancel();
    } else if (phase instanceof Phase.Failing failing) {
      failing.limit.cancel();
    }
    phase = Plain.CLOSED;
    heartbeat.stop();
    pongs.stop();
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
      return target.explained(reason);
    } else if (phase instanceof Phase.Failing failing) {
      return reasonOf(failing.broken); // which came first
    } else if (phase instanceof Plain
        && reason.kind() == CloseReason.Kind.PEER_CLOSED
        && !reason.code().isPresent()) {
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
