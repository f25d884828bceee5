package io.dormouse.connection;

import io.dormouse.reconnect.Backoff;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * The library's own policy: {@link RetryPolicy#standard()} says what it does.
 *
 * @param backoff how long to wait
 */
record StandardRetryPolicy(Backoff backoff) implements RetryPolicy {
  /** How long after a foreground a failing name look-up is taken for the network's late return. */
  private static final Duration NETWORK_RETURN = Duration.ofSeconds(5);

  /** A server may ask for more, by mistake most likely. */
  private static final Duration LONGEST_ASKED = Duration.ofHours(1);

  private static final Duration SHORTLY = Duration.ofMillis(250);

  /** The pause that the registry of WebSocket close codes asks for after a restart. */
  private static final Duration RESTART_PAUSE_MIN = Duration.ofSeconds(5);

  private static final Duration RESTART_PAUSE_MAX = Duration.ofSeconds(30);

  @Override
  public Decision decide(Ended ended) {
    CloseReason reason = ended.reason();
    if (reason.kind() == CloseReason.Kind.UNRESOLVED
        && ended.sinceForeground().compareTo(NETWORK_RETURN) < 0) {
      return Decision.retryUncounted(SHORTLY);
    }
    if (reason.kind() == CloseReason.Kind.RESOURCE_EXHAUSTED) {
      return Decision.retryUncounted(between(SHORTLY, SHORTLY.multipliedBy(4), ended.random()));
    }
    if (isHopeless(reason)) {
      return Decision.giveUp();
    }
    Duration delay =
        asksForAPause(reason)
            ? between(RESTART_PAUSE_MIN, RESTART_PAUSE_MAX, ended.random())
            : backoff.delay(ended.waited(), ended.random());
    // The jitter comes on top of what the server asked for, or all its clients would return at
    // once.
    return Decision.retryAfter(reason.retryAfter().map(asked -> sum(asked, delay)).orElse(delay));
  }

  /** What a server asks for may be anything; what it gets has its bounds. */
  private static Duration sum(Duration asked, Duration delay) {
    if (asked.isNegative()) {
      return delay;
    }
    return delay.plus(asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked);
  }

  private static boolean isHopeless(CloseReason reason) {
    int code = reason.code().orElse(0);
    return switch (reason.kind()) {
      case TLS_FAILED ->
          !(reason.cause().orElse(null) instanceof SocketTimeoutException); // a stall
      case PROXY_UNAUTHORIZED -> true;
      case PROXY_FAILED -> code >= 400 && code < 500 && code != 408 && code != 429;
      case HANDSHAKE_REJECTED ->
          code >= 200 && code < 500 && code != 408 && code != 425 && code != 429;
      case PEER_CLOSED -> code == 1008 || code == 3000 || code == 3003;
      default -> false;
    };
  }

  private static boolean asksForAPause(CloseReason reason) {
    int code = reason.code().orElse(0);
    return reason.kind() == CloseReason.Kind.PEER_CLOSED && (code == 1012 || code == 1013);
  }

  private static Duration between(Duration low, Duration high, double random) {
    return low.plus(Duration.ofNanos((long) (high.minus(low).toNanos() * random)));
  }
}
