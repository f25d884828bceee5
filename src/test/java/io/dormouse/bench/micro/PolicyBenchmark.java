package io.dormouse.bench.micro;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.RetryPolicy.Ended;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Whether to try again after a reset, and when. */
@State(Scope.Thread)
public class PolicyBenchmark {
  private final RetryPolicy policy = RetryPolicy.standard();
  private final CloseReason reset = CloseReason.of(CloseReason.Kind.PEER_RESET);
  private final Duration inFront = Duration.ofMinutes(1);
  private int failures;

  /** Ours. */
  @Benchmark
  public Decision dormouse() {
    failures = failures % 10 + 1;
    Duration waited = Duration.ofSeconds(failures - 1);
    return policy.decide(
        Ended.of(reset)
            .withFailures(failures, waited)
            .withSinceForeground(inFront)
            .withRandom(0.5));
  }
}
