package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.java_websocket.protocols.Protocol;

/**
 * The opening handshake (RFC 6455, section 4.1): Java-WebSocket makes the key and checks the answer
 * to it, on values from which we have taken the optional whitespace.
 */
final class Handshake {
  private static final String LINE_END = "\r\n";
  private static final String UPGRADE = "Upgrade";
  private static final String CONNECTION = "Connection";
  private static final String ACCEPT = "Sec-WebSocket-Accept";
  private static final String PROTOCOL = "Sec-WebSocket-Protocol";
  private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

  private final List<String> subprotocols;
  private final Optional<DeflateOffer> offer;
  private final Draft_6455 draft = new Draft_6455(List.of(), List.of(new Protocol("")));
  private final Request asked;
  private final HandshakeImpl1Client request = new HandshakeImpl1Client();
  private Optional<DeflateOffer.Agreement> agreement = Optional.empty();

  Handshake(Request asked, List<String> subprotocols, Optional<Compression> compression) {
    this.asked = asked;
    this.subprotocols = subprotocols;
    this.offer = compression.map(DeflateOffer::new);
    request.setResourceDescriptor(asked.resource());
    if (!subprotocols.isEmpty()) {
      request.put(PROTOCOL, String.join(", ", subprotocols));
    }
    offer.ifPresent(offered -> request.put(EXTENSIONS, offered.header()));
    Object unused = draft.postProcessHandshakeRequestAsClient(request);
  }

  /** Returns what is sent; Java-WebSocket's own writer has one value for a header. */
  ByteBuffer request() {
    StringBuilder head = new StringBuilder(512);
    head.append("GET ").append(asked.resource()).append(" HTTP/1.1").append(LINE_END);
    append(head, "Host", asked.host());
    for (Iterator<String> names = request.iterateHttpFields(); names.hasNext(); ) {
      String name = names.next();
      append(head, name, request.getFieldValue(name));
    }
    asked.headers().forEach((name, values) -> values.forEach(value -> append(head, name, value)));
    head.append(LINE_END);
    return ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static void append(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append(LINE_END);
  }

  /** Returns why an answer does not open the WebSocket; empty if it does. */
  Optional<CloseReason> refusal(String who, HandshakeResponse response, Instant now) {
    if (!response.isHttp()) {
      return Optional.of(CloseReason.of(Kind.PROTOCOL_ERROR, "the answer is not HTTP"));
    } else if (!response.isOpening()) {
      CloseReason rejected =
          CloseReason.ofCode(Kind.HANDSHAKE_REJECTED, response.status(), detailOf(response))
              .withCause(new HandshakeRejectedException(who, response));
      return Optional.of(response.retryAfter(now).map(rejected::withRetryAfter).orElse(rejected));
    }
    return problemOf(response).map(problem -> CloseReason.of(Kind.PROTOCOL_ERROR, problem));
  }

  private static String detailOf(HandshakeResponse response) {
    boolean redirect = response.status() / 100 == 3 && response.header("Location").isPresent();
    return redirect ? "a redirect, which is followed if followRedirects() says so" : "";
  }

  private Optional<String> problemOf(HandshakeResponse response) {
    Map<String, List<String>> headers = response.headers();
    String upgrade = value(headers, UPGRADE);
    String connection = value(headers, CONNECTION);
    if (!upgrade.toLowerCase(Locale.ROOT).equals("websocket") || !hasToken(connection, "upgrade")) {
      return Optional.of("the server did not upgrade to WebSocket");
    } else if (!accepts(upgrade, connection, value(headers, ACCEPT))) {
      return Optional.of("the server's Sec-WebSocket-Accept is not the answer to our key");
    }
    String chosen = value(headers, PROTOCOL);
    String extensions = value(headers, EXTENSIONS);
    if ((!chosen.isEmpty() && !subprotocols.contains(chosen))
        || (!offer.isPresent() && !extensions.isEmpty())) {
      return Optional.of("the server chose a subprotocol or an extension that was not offered");
    }
    try {
      agreement = offer.flatMap(offered -> offered.agreed(extensions));
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Returns what the server has agreed to, if the answer opens; empty for no compression. */
  Optional<DeflateOffer.Agreement> agreement() {
    return agreement;
  }

  private boolean accepts(String upgrade, String connection, String accept) {
    HandshakeImpl1Server answer = new HandshakeImpl1Server();
    answer.put(UPGRADE, upgrade);
    answer.put(CONNECTION, connection);
    answer.put(ACCEPT, accept);
    try {
      return draft.acceptHandshakeAsClient(request, answer) == HandshakeState.MATCHED;
    } catch (InvalidHandshakeException e) {
      return false;
    }
  }

  /** All values of a header as one list (RFC 9110, section 5.3); empty if it isn't there. */
  private static String value(Map<String, List<String>> headers, String name) {
    return String.join(", ", headers.getOrDefault(name, List.of()));
  }

  /** RFC 9110, section 7.6.1: a list of tokens whose case does not matter. */
  private static boolean hasToken(String list, String token) {
    for (String element : list.split(",", -1)) {
      if (element.trim().toLowerCase(Locale.ROOT).equals(token)) {
        return true;
      }
    }
    return false;
  }
}
