package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.log.LogLine;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/** Asks the retry policy of one connection, which may be the app's, and may throw. Loop only. */
final class PolicyDecision implements Machine.RetryDecision {
  private static final LogLine POLICY_FAILED =
      LogLine.appError(
          LoggerFactory.getLogger("io.dormouse.connections"), "{}: the retry policy failed on {}");

  private final LinkOptions options;
  private final Reconciler reconciler;
  private final StepQueue steps;

  /**
   * Creates one.
   *
   * @param steps carries out the step that the decision is part of
   */
  PolicyDecision(LinkOptions options, Reconciler reconciler, StepQueue steps) {
    this.options = options;
    this.reconciler = reconciler;
    this.steps = steps;
  }

  @Override
  public Decision decide(CloseReason reason, FailureHistory before) {
    int failures = before.failures() + 1;
    Duration waited = Duration.ofNanos(before.waitedNanos());
    Duration sinceForeground = reconciler.sinceForeground();
    try {
      RetryPolicy.Ended ended =
          RetryPolicy.Ended.of(reason)
              .withFailures(failures, waited)
              .withSinceForeground(sinceForeground)
              .withRandom(reconciler.environment().network().random());
      Decision decision = options.retryPolicy().decide(ended);
      return Objects.requireNonNull(decision, "the retry policy returned null");
    } catch (OutOfMemoryError e) {
      if (steps.isToBeRetried()) { // and the policy is asked again
        throw e;
      }
      return Decision.giveUp();
    } catch (Throwable e) { // without a decision the connection would be stuck where it is
      POLICY_FAILED.write(options.name(), reason, e);
      return Decision.giveUp();
    }
  }
}
