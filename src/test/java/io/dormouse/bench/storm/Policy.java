package io.dormouse.bench.storm;

import com.tinder.scarlet.retry.ExponentialBackoffStrategy;
import io.dormouse.bench.Contest;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy;
import java.time.Duration;
import java.util.SplittableRandom;

/** How long a client waits before its next attempt. */
interface Policy {
  /** A delay that does not end: the client has given up. */
  double NEVER = Double.POSITIVE_INFINITY;

  /**
   * Returns a delay in seconds.
   *
   * @param failures in a row; the first is the loss of the connection
   * @param waitedSeconds the delays so far, which is also the time since the loss: an attempt takes
   *     none
   */
  double delaySeconds(int failures, double waitedSeconds, SplittableRandom random);

  static Policy of(String library) {
    return switch (library) {
      case Contest.OURS -> dormouse(CloseReason.of(CloseReason.Kind.PEER_RESET));
      case "scarlet" -> scarlet();
      case "nats" -> nats();
      case "socket.io" -> socketIo();
      default -> throw new IllegalArgumentException("no policy of " + library);
    };
  }

  /** The library's own code, with its defaults, for connections that ended with a reason. */
  static Policy dormouse(CloseReason lost) {
    RetryPolicy policy = RetryPolicy.standard();
    CloseReason refused = CloseReason.of(CloseReason.Kind.CONNECT_FAILED);
    return (failures, waitedSeconds, random) -> {
      CloseReason reason = failures == 1 ? lost : refused;
      Duration waited = Duration.ofNanos((long) (waitedSeconds * 1e9));
      RetryPolicy.Decision decision =
          policy.decide(
              RetryPolicy.Ended.of(reason)
                  .withFailures(failures, waited)
                  .withSinceForeground(Duration.ofHours(1))
                  .withRandom(random.nextDouble()));
      return decision.retry() ? decision.delay().toNanos() / 1e9 : NEVER;
    };
  }

  /** Scarlet's own code, with the default of its builder: 1 s doubling to 10 s, no jitter. */
  private static Policy scarlet() {
    ExponentialBackoffStrategy strategy = new ExponentialBackoffStrategy(1_000, 10_000);
    return (failures, waitedSeconds, random) ->
        strategy.backoffDurationMillisAt(failures - 1) / 1e3;
  }

  /**
   * The defaults of nats.java with one server and without TLS: an attempt at once, then one every 2
   * s and up to 100 ms of jitter ({@code Options}: DEFAULT_RECONNECT_WAIT and _JITTER; {@code
   * NatsConnection}: reconnectImpl and invokeReconnectDelayHandler wait only when the pool has been
   * gone through). Given up after the 60th: {@code NatsServerPool} drops a server that failed 61
   * times, and the loss itself is the first.
   */
  private static Policy nats() {
    return (failures, waitedSeconds, random) -> {
      if (failures == 1) {
        return 0;
      }
      return failures <= 60 ? 2 + random.nextDouble(0.1) : NEVER;
    };
  }

  /**
   * The defaults of socket.io-client-java ({@code Manager}: 1 s, 5 s and 0.5, without end; {@code
   * io.socket.backo.Backoff}): 1 s doubling, less or more by up to a half, cut to from 1 s to 5 s.
   * One number in [0, 1) gives the deviation and, by its first decimal place, the sign: less if
   * that is even.
   */
  private static Policy socketIo() {
    return (failures, waitedSeconds, random) -> {
      double seconds = Math.pow(2, Math.min(failures - 1, 30));
      double drawn = random.nextDouble();
      double deviation = drawn * 0.5 * seconds;
      boolean less = (int) (drawn * 10) % 2 == 0;
      return Math.max(1, Math.min(5, less ? seconds - deviation : seconds + deviation));
    };
  }
}
