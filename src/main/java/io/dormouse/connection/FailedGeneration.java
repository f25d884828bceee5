package io.dormouse.connection;

import java.time.Duration;
import java.util.Objects;

/** What a retry policy is asked about; {@link RetryPolicy.Ended} says what each of it is. */
record FailedGeneration(
    CloseReason reason, int failures, Duration waited, Duration sinceForeground, double random)
    implements RetryPolicy.Ended {
  FailedGeneration {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(waited, "waited");
    Objects.requireNonNull(sinceForeground, "sinceForeground");
    if (failures < 1) {
      throw new IllegalArgumentException("at least one failure, not " + failures);
    }
    if (waited.isNegative()) {
      throw new IllegalArgumentException("nobody waits for " + waited);
    }
    if (!(random >= 0 && random < 1)) {
      throw new IllegalArgumentException("random must be in [0, 1), not " + random);
    }
  }

  @Override
  public RetryPolicy.Ended withFailures(int failures, Duration waited) {
    return new FailedGeneration(reason, failures, waited, sinceForeground, random);
  }

  @Override
  public RetryPolicy.Ended withSinceForeground(Duration sinceForeground) {
    return new FailedGeneration(reason, failures, waited, sinceForeground, random);
  }

  @Override
  public RetryPolicy.Ended withRandom(double random) {
    return new FailedGeneration(reason, failures, waited, sinceForeground, random);
  }
}
