package io.dormouse.bench.storm;

import com.tinder.scarlet.retry.ExponentialBackoffStrategy;
import io.dormouse.bench.Contest;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.reconnect.ReconnectPolicy;
import java.time.Duration;
import java.util.SplittableRandom;

/** How long a client waits after so many failures in a row, in seconds. */
interface Policy {
  double delaySeconds(int failures, SplittableRandom random);

  static Policy of(String library) {
    return switch (library) {
      case Contest.OURS -> dormouse();
      case "scarlet" -> scarlet();
      case "nats" -> nats();
      case "socket.io" -> socketIo();
      default -> throw new IllegalArgumentException("no policy of " + library);
    };
  }

  /** The library's own code, with its defaults. */
  private static Policy dormouse() {
    ReconnectPolicy policy = ReconnectPolicy.standard();
    CloseReason refused = CloseReason.of(CloseReason.Kind.CONNECT_FAILED);
    return (failures, random) ->
        policy
                .decide(
                    new RetryPolicy.Ended(
                        refused, failures, Duration.ofHours(1), random.nextDouble()))
                .delay()
                .toNanos()
            / 1e9;
  }

  /** Scarlet's own code, with the default of its builder: 1 s doubling to 10 s, no jitter. */
  private static Policy scarlet() {
    ExponentialBackoffStrategy strategy = new ExponentialBackoffStrategy(1_000, 10_000);
    return (failures, random) -> strategy.backoffDurationMillisAt(failures - 1) / 1e3;
  }

  /** The defaults of nats.java's options: 2 s between attempts, and up to 100 ms of jitter. */
  private static Policy nats() {
    return (failures, random) -> 2 + random.nextDouble(0.1);
  }

  /** The defaults of the socket.io client: 1 s doubling to 5 s, give or take up to a half. */
  private static Policy socketIo() {
    return (failures, random) -> {
      double seconds = Math.pow(2, Math.min(failures - 1, 30));
      double deviation = random.nextDouble() * 0.5 * seconds;
      return Math.min(5, random.nextBoolean() ? seconds + deviation : seconds - deviation);
    };
  }
}
