package io.dormouse.reconnect;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy;
import java.time.Duration;
import java.util.Objects;

/**
 * The library's own answer to "try again?", which reads the reason:
 *
 * <ul>
 *   <li>What time may heal (a lost network, a reset, a timeout, a server error) is tried again
 *       after a {@link Backoff}.
 *   <li>What time won't heal is given up until the next foreground: a bad certificate, an HTTP
 *       status 2xx or 3xx (whoever answers, it is no WebSocket server), a status 4xx other than
 *       408, 425 and 429, the WebSocket codes 1008 (policy violation), 3000 (unauthorized) and 3003
 *       (forbidden) of the IANA registry.
 *   <li>A server that asks for time gets it: {@code Retry-After} is a lower bound, up to an hour,
 *       since a server that is set up wrongly must not shut an app out for days; after 1012
 *       (service restart) and 1013 (try again later) a client waits some 5 to 30 s.
 *   <li>Where this machine has no room for one more socket, it is tried again shortly and not
 *       counted: it tells nothing about the server, and there may be room at any moment.
 *   <li>A name that does not resolve in the first moments after the foreground is tried again soon
 *       and not counted: the network comes back a little later than the app.
 * </ul>
 *
 * @param backoff how long to wait
 * @param maxFailures how many failures in a row end in giving up; {@link Integer#MAX_VALUE} for
 *     never
 */
public record ReconnectPolicy(Backoff backoff, int maxFailures) implements RetryPolicy {
  /** How long after a foreground a failing name look-up is taken for the network's late return. */
  private static final Duration NETWORK_RETURN = Duration.ofSeconds(5);

  /** A server may ask for more, by mistake most likely. */
  private static final Duration LONGEST_ASKED = Duration.ofHours(1);

  private static final Duration SHORTLY = Duration.ofMillis(250);

  /** The pause that the registry of WebSocket close codes asks for after a restart. */
  private static final Duration RESTART_PAUSE_MIN = Duration.ofSeconds(5);

  private static final Duration RESTART_PAUSE_MAX = Duration.ofSeconds(30);

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if {@code maxFailures} is below 1
   */
  public ReconnectPolicy {
    Objects.requireNonNull(backoff, "backoff");
    if (maxFailures < 1) {
      throw new IllegalArgumentException("maxFailures must be at least 1, not " + maxFailures);
    }
  }

  /** Returns the default: a {@link Backoff} from 1 s to 50 s, without end. */
  public static ReconnectPolicy standard() {
    return withBackoff(Duration.ofSeconds(1), Duration.ofSeconds(50));
  }

  /** Returns a policy with a backoff of its own, without end. */
  public static ReconnectPolicy withBackoff(Duration base, Duration cap) {
    return new ReconnectPolicy(new Backoff(base, cap), Integer.MAX_VALUE);
  }

  /** Returns a policy that never tries again by itself. */
  public static RetryPolicy never() {
    return ended -> Decision.giveUp();
  }

  @Override
  public Decision decide(Ended ended) {
    CloseReason reason = ended.reason();
    if (reason.kind() == CloseReason.Kind.UNRESOLVED
        && ended.sinceForeground().compareTo(NETWORK_RETURN) < 0) {
      return Decision.retryUncharged(SHORTLY);
    }
    if (reason.kind() == CloseReason.Kind.RESOURCE_EXHAUSTED) {
      return Decision.retryUncharged(between(SHORTLY, SHORTLY.multipliedBy(4), ended.random()));
    }
    if (isHopeless(reason) || ended.failures() >= maxFailures) {
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
      case TLS_FAILED -> true;
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
