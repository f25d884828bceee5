package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import io.dormouse.tls.TlsClient;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one generation gets from its target to an open WebSocket: the opening handshake, on a new
 * stream for each redirect that is followed. Loop only.
 */
final class OpeningHandshake {
  /** What becomes of it. */
  interface Listener {
    /** It is complete, with what both sides have agreed on. */
    void opened(Optional<DeflateOffer.Agreement> compression);

    /** The server has sent us elsewhere: {@link #dial} is to be called with a new stream. */
    void redirected();

    /** There is no WebSocket, for this reason. Nothing was said that could get lost. */
    void refused(CloseReason reason);
  }

  private final Generation generation;
  private final WebSocketOptions options;
  private final WebSocketEvents events;
  private final Listener listener;
  private final Target target;

  private int redirects;
  private @Nullable Question asked; // null before it is asked

  /** What was asked of a server, whose answer is awaited. */
  private record Question(Handshake handshake, ResponseHead head, Loop.Timer limit) {}

  OpeningHandshake(
      Generation generation, WebSocketOptions options, WebSocketEvents events, Listener listener) {
    this.generation = generation;
    this.options = options;
    this.events = events;
    this.listener = listener;
    this.target = new Target(generation.connectionName(), options.request());
  }

  /** Connects a stream to where it begins, or goes on. */
  void dial(Stream stream) {
    stream.dial(options.connectTimeout().toNanos(), target.endpoint(), this::tls);
  }

  private Optional<TlsClient> tls() {
    return target.request().secure() ? Optional.of(options.tls()) : Optional.empty();
  }

  /** Returns why dialing failed, with what was wrong with what the app gave, if that was it. */
  CloseReason explained(CloseReason reason) {
    return target.explained(reason);
  }

  /** The stream is connected: asks the server. */
  void ask(Stream stream) {
    Handshake handshake =
        new Handshake(target.request(), options.subprotocols(), options.compression());
    Loop.Timer limit =
        generation.loop().schedule(options.handshakeTimeout().toNanos(), this::noAnswer);
    asked = new Question(handshake, new ResponseHead(), limit);
    stream.write(handshake.request());
  }

  private void noAnswer() {
    listener.refused(
        CloseReason.of(CloseReason.Kind.CONNECT_TIMEOUT, "no answer to the handshake"));
  }

  /** Reads the server's answer; what comes behind it is left in the buffer. */
  void read(ByteBuffer bytes) {
    Question question = asked;
    if (question == null) {
      return;
    }
    Optional<HandshakeResponse> response = question.head.add(bytes);
    if (question.head.isTooLong()) {
      listener.refused(
          CloseReason.of(
              CloseReason.Kind.LIMIT_EXCEEDED, "the answer to the handshake is too long"));
    } else if (response.isPresent()) {
      answered(question.handshake, response.get());
    }
  }

  private void answered(Handshake handshake, HandshakeResponse response) {
    if (response.isHttp()) {
      events.answered(response);
    }
    Optional<CloseReason> refusal =
        handshake.refusal(generation.connectionName(), response, generation.network().now());
    if (refusal.isPresent() && options.redirects() > 0 && Redirect.isOne(response.status())) {
      redirected(response, refusal.get());
    } else if (refusal.isPresent()) {
      listener.refused(refusal.get());
    } else {
      stop();
      listener.opened(handshake.agreement());
    }
  }

  private void redirected(HandshakeResponse response, CloseReason refusal) {
    Optional<String> problem = redirect(response.header("Location").orElse(""));
    if (problem.isPresent()) {
      listener.refused(refusal.withDetail(problem.get()));
    } else {
      stop();
      listener.redirected();
    }
  }

  /** Returns why a redirect is not followed. */
  private Optional<String> redirect(String location) {
    if (location.isEmpty()) {
      return Optional.of("a redirect to nowhere");
    } else if (redirects == options.redirects()) {
      return Optional.of("redirected more than " + redirects + " times");
    }
    redirects++;
    return target.redirect(location);
  }

  /** Awaits no answer any more. */
  void stop() {
    if (asked != null) {
      asked.limit.cancel();
      asked = null;
    }
  }
}
