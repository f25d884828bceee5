package io.dormouse.engine;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.loop.Durations;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an engine does, as a log for people: at INFO one line for each suspend and each resume, and
 * for a connection that fails (when it begins to, again after 1, 2, 4 and more minutes, and when it
 * is over); at DEBUG each step.
 */
final class EventLog implements Observer {
  private final Logger registry;
  private final Logger connections;

  /** By the number of the connection's registration. */
  private final Map<Long, Trouble> troubles = new HashMap<>();

  private final long steadyNanos;

  /**
   * Creates a log.
   *
   * @param steady one that loses its connection sooner is still in the same trouble
   */
  EventLog(Duration steady) {
    this(
        steady,
        LoggerFactory.getLogger("io.dormouse.registry"),
        LoggerFactory.getLogger("io.dormouse.connections"));
  }

  /** Creates a log to these loggers. */
  EventLog(Duration steady, Logger registry, Logger connections) {
    this.steadyNanos = steady.toNanos();
    this.registry = registry;
    this.connections = connections;
  }

  // --------------------------------------------------------------------------- connections

  @Override
  public void onStep(Step step) {
    connections.debug("{}: {}", step.name(), new Text(step));
    if (step.linkState() instanceof LinkState.Waiting
        || step.linkState() instanceof LinkState.Failed) {
      inTrouble(step);
    } else if (step.linkState() instanceof LinkState.Open) {
      open(step);
    } else if (step.change().to() == ConnectionState.SUSPENDED
        || step.change().to() == ConnectionState.CLOSED) {
      troubles.remove(step.order());
    }
  }

  private void inTrouble(Step step) {
    Trouble trouble = troubles.get(step.order());
    boolean isNew =
        trouble == null || (trouble.isOver && step.nanos() - trouble.overSinceNanos >= steadyNanos);
    if (isNew || trouble == null) {
      trouble = new Trouble(step.nanos());
      troubles.put(step.order(), trouble);
    }
    trouble.isOver = false;
    trouble.ends++;
    String reason = step.change().reason().map(Object::toString).orElse("no reason");
    if (step.linkState() instanceof LinkState.Failed) {
      if (!trouble.toldGivenUp) {
        trouble.toldGivenUp = true;
        trouble.told = true;
        connections.warn(
            "{}: gave up until the next foreground or retryNow(): {}", step.name(), reason);
      }
    } else if (isNew) {
      trouble.told = true;
      connections.info("{}: in trouble, and tries again: {}", step.name(), reason);
    } else if (step.nanos() - trouble.nextLineNanos >= 0) {
      trouble.told = true;
      trouble.putOffNextLine(step.nanos());
      connections.info(
          "{}: still in trouble after {}, failures: {}, the latest: {}",
          step.name(),
          trouble.lastedUntil(step.nanos()),
          trouble.ends,
          reason);
    }
  }

  private void open(Step step) {
    Trouble trouble = troubles.get(step.order());
    if (trouble == null) {
      return;
    }
    trouble.isOver = true;
    trouble.overSinceNanos = step.nanos();
    trouble.toldGivenUp = false;
    if (trouble.told) {
      trouble.told = false;
      connections.info(
          "{}: open again after {}, failures: {}",
          step.name(),
          trouble.lastedUntil(step.nanos()),
          trouble.ends);
    }
  }

  /** A connection that fails, from its first failure until it has been open for long enough. */
  private static final class Trouble {
    private static final long FIRST_LINE_AFTER = Duration.ofMinutes(1).toNanos();

    final long sinceNanos;
    long nextLineNanos;
    int ends;
    boolean told; // its beginning was logged, and its end not yet
    boolean toldGivenUp;
    boolean isOver;
    long overSinceNanos;

    Trouble(long nowNanos) {
      sinceNanos = nowNanos;
      nextLineNanos = nowNanos + FIRST_LINE_AFTER;
    }

    void putOffNextLine(long nowNanos) {
      nextLineNanos = nowNanos + (nowNanos - sinceNanos);
    }

    String lastedUntil(long nowNanos) {
      return Durations.text(Duration.ofNanos(nowNanos - sinceNanos));
    }
  }

  /** Made to text only if it is printed. */
  private record Text(Step step) {
    @Override
    public String toString() {
      StateChange change = step.change();
      StringBuilder text = new StringBuilder().append(change.from()).append(" -> ");
      text.append(change.to()).append(", generation ").append(change.generation());
      step.address().ifPresent(address -> text.append(", ").append(address));
      change.reason().ifPresent(reason -> text.append(": ").append(reason));
      if (step.linkState() instanceof LinkState.Waiting waiting) {
        Duration delay = Duration.ofNanos(waiting.delayNanos());
        text.append("; next attempt in ").append(Durations.text(delay));
        text.append(", failures counted: ").append(waiting.failures());
      }
      return text.toString();
    }
  }

  // ------------------------------------------------------------------------------ the registry

  @Override
  public void onSuspending() {
    registry.debug("suspending");
  }

  @Override
  public void onSuspended(SuspendReport report, List<String> offenders) {
    if (!offenders.isEmpty()) {
      registry.error("sockets are still open after the suspend: {}", String.join(", ", offenders));
    }
    if (report.withinBudget()) {
      registry.info("suspended: {}", report);
    } else {
      registry.warn("suspended, but not within the budget: {}", report);
    }
  }

  @Override
  public void onResuming() {
    registry.debug("resuming");
  }

  @Override
  public void onResumed(ResumeReport report) {
    registry.info("resumed: {}", report);
  }

  @Override
  public void onTaskStarted(LongRunningTask task) {
    registry.debug("{} has started", task);
  }

  @Override
  public void onTaskEnded(LongRunningTask task) {
    registry.debug("{}", task);
  }

  @Override
  public void onEnding() {
    registry.debug("the registry is ending");
  }
}
