package io.dormouse.connection;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Why one generation of a connection ended. Every generation has exactly one.
 *
 * <p>{@link #toString()} says the kind, the code and the detail; none of these ever holds a URL's
 * query or user info, a header or a payload. The {@linkplain #cause() cause}, which is what the
 * platform threw, and the {@linkplain #peerText() peer's text} are for the app's eyes.
 */
public final class CloseReason {
  /** What ended the generation. */
  public enum Kind {
    /** The app went to the background. */
    SUSPENDED,
    /** The last long-running task that covered the connection ended, in the background. */
    TASK_ENDED,
    /** The app called {@link Connection#pause()}. */
    PAUSED_BY_APP,
    /** The app closed the connection or the registry. */
    CLOSED_BY_APP,
    /** The peer closed in an orderly way; the code is that of a WebSocket close frame. */
    PEER_CLOSED,
    /** The peer reset the connection. */
    PEER_RESET,
    /** The network or the system took the connection away. */
    NETWORK_LOST,
    /** The host name has no address now. */
    UNRESOLVED,
    /** No address accepted the connection. */
    CONNECT_FAILED,
    /**
     * The proxy opened no way to the host: it refused, or could not be spoken to; the code is its
     * HTTP status, if there is one.
     */
    PROXY_FAILED,
    /** The proxy wants a user and a password, or does not accept those of the app. */
    PROXY_UNAUTHORIZED,
    /** The system has no room for one more socket: too many are open, or there is no memory. */
    RESOURCE_EXHAUSTED,
    /** The connection was not up within its connect or handshake timeout. */
    CONNECT_TIMEOUT,
    /** The peer refused the protocol handshake; the code is the HTTP status. */
    HANDSHAKE_REJECTED,
    /**
     * TLS could not be agreed on, or a certificate was not accepted; the detail says why. If the
     * handshake stalled, the cause is a {@link java.net.SocketTimeoutException}.
     */
    TLS_FAILED,
    /**
     * Code of the app's that an attempt asks has failed: a supplier of address or headers, a {@code
     * Dns}, a proxy selector or authenticator, what makes the decoder of a framing.
     */
    SUPPLIER_FAILED,
    /** The app's own preparation failed or took too long. */
    PREPARE_FAILED,
    /** The peer did not answer a heartbeat in time. */
    HEARTBEAT_TIMEOUT,
    /** Nothing was received for the idle timeout. */
    IDLE_TIMEOUT,
    /** The system cut the connection while the app was in the background. */
    KILLED_WHILE_BACKGROUND,
    /** The peer broke the protocol. */
    PROTOCOL_ERROR,
    /** The peer sent more than the configured limit allows. */
    LIMIT_EXCEEDED,
    /**
     * The system refused one send, such as a datagram to a network that can't be reached. Only that
     * send failed: it is the reason of a {@link SendFailedException}, and ends no generation.
     */
    SEND_REFUSED,
    /** The library failed; the cause tells how. Please report it. */
    INTERNAL_ERROR
  }

  private static final int NO_CODE = -1;

  private final Kind kind;
  private final int code;
  private final @Nullable Duration retryAfter;
  private final String detail;
  private final @Nullable Throwable cause;
  private final @Nullable String peerText;

  private CloseReason(
      Kind kind,
      int code,
      @Nullable Duration retryAfter,
      String detail,
      @Nullable Throwable cause,
      @Nullable String peerText) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.code = code;
    this.retryAfter = retryAfter;
    this.detail = Objects.requireNonNull(detail, "detail");
    this.cause = cause;
    this.peerText = peerText;
  }

  /**
   * {@return a reason that has nothing to add to its kind}
   *
   * @param kind what ended the generation
   */
  public static CloseReason of(Kind kind) {
    return new CloseReason(kind, NO_CODE, null, "", null, null);
  }

  /**
   * {@return a reason with a detail for people to read}
   *
   * @param kind what ended the generation
   * @param detail for people; must hold no secret; may be empty
   */
  public static CloseReason of(Kind kind, String detail) {
    return new CloseReason(kind, NO_CODE, null, detail, null, null);
  }

  /**
   * {@return a reason with what the platform threw}
   *
   * @param kind what ended the generation
   * @param detail for people; must hold no secret; may be empty
   * @param cause what was thrown; not null
   */
  public static CloseReason of(Kind kind, String detail, Throwable cause) {
    return new CloseReason(
        kind, NO_CODE, null, detail, Objects.requireNonNull(cause, "cause"), null);
  }

  /**
   * {@return a reason with the peer's code}
   *
   * @param kind what ended the generation
   * @param code a WebSocket close code (RFC 6455, section 7.4) or an HTTP status; not negative
   * @param detail for people; must hold no secret; may be empty
   * @throws IllegalArgumentException if the code is negative
   */
  public static CloseReason ofCode(Kind kind, int code, String detail) {
    if (code < 0) {
      throw new IllegalArgumentException("a code is not negative: " + code);
    }
    return new CloseReason(kind, code, null, detail, null, null);
  }

  /**
   * {@return this reason, with how long the peer asked to be left alone ({@code Retry-After})}
   *
   * @param retryAfter as the peer said it, whatever is made of it
   */
  public CloseReason withRetryAfter(Duration retryAfter) {
    return new CloseReason(
        kind, code, Objects.requireNonNull(retryAfter, "retryAfter"), detail, cause, peerText);
  }

  /**
   * {@return this reason, with a detail for people to read}
   *
   * @param detail for people; must hold no secret; may be empty
   */
  public CloseReason withDetail(String detail) {
    return new CloseReason(kind, code, retryAfter, detail, cause, peerText);
  }

  /**
   * {@return this reason, with what the app may want to know more of}
   *
   * @param cause what was thrown; not null
   */
  public CloseReason withCause(Throwable cause) {
    return new CloseReason(
        kind, code, retryAfter, detail, Objects.requireNonNull(cause, "cause"), peerText);
  }

  /**
   * {@return this reason, with the peer's own words}
   *
   * @param peerText which nobody has checked; it is in no text of this object
   */
  public CloseReason withPeerText(String peerText) {
    return new CloseReason(
        kind, code, retryAfter, detail, cause, Objects.requireNonNull(peerText, "peerText"));
  }

  /** {@return what ended the generation} */
  public Kind kind() {
    return kind;
  }

  /** {@return the peer's code: a WebSocket close code or an HTTP status} */
  public OptionalInt code() {
    return code == NO_CODE ? OptionalInt.empty() : OptionalInt.of(code);
  }

  /** {@return how long the peer asked to be left alone (RFC 9110, section 10.2.3)} */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /**
   * {@return more about it, for people to read, in words that may change; empty if there is no more
   * to say} Code looks at the kind, the code and the {@linkplain #cause() cause}.
   */
  public String detail() {
    return detail;
  }

  /**
   * {@return what the peer said about it, such as the reason in a WebSocket close frame (RFC 6455,
   * section 7.1.6), which may be any text; empty if it said nothing} {@link #toString()} and the
   * library's logs leave it out.
   */
  public Optional<String> peerText() {
    return Optional.ofNullable(peerText);
  }

  /**
   * {@return what the platform or the app's own code threw, or what tells more of this kind of end,
   * such as a refused handshake's response}
   */
  public Optional<Throwable> cause() {
    return Optional.ofNullable(cause);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind.name());
    if (code != NO_CODE) {
      text.append(' ').append(code);
    }
    if (!detail.isEmpty()) {
      text.append(" (").append(detail).append(')');
    }
    return text.toString();
  }
}
