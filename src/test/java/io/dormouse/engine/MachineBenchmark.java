package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.RetryPolicy.Decision;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A step of a connection's state machine: seven lead from asleep to open, and back. */
@State(Scope.Thread)
public class MachineBenchmark {
  private final Machine machine =
      new Machine((reason, failures) -> Decision.retryAfter(Duration.ofSeconds(1)), 1, 1);
  private final CloseReason suspended = CloseReason.of(CloseReason.Kind.SUSPENDED);
  private LinkState linkState = Machine.initial();
  private long now;

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(7)
  public Object dormouse() {
    now++;
    step(Event.WAKE);
    step(Event.PERMIT);
    step(Event.CONNECTED);
    step(Event.PREPARED);
    step(new Event.Sleep(suspended, now + 1));
    step(Event.FLUSHED);
    step(new Event.Ended(suspended, true));
    return linkState;
  }

  private void step(Event event) {
    linkState = machine.next(linkState, event, now);
  }
}
