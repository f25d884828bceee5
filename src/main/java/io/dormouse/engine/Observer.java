package io.dormouse.engine;

import io.dormouse.connection.Connection;
import io.dormouse.connection.StateChange;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hears of what happens in an engine. Called on the loop, so it returns at once. What it throws
 * changes nothing.
 */
interface Observer {
  /**
   * One step of one connection: its attempts and its ends are such steps.
   *
   * @param order which connection, as the number of its registration
   * @param connection the connection, whose name another one may have had before
   * @param change the step, as listeners hear it
   * @param linkState where it is now, with all that belongs to it
   * @param peer where its latest generation connects to, or has; null if that is not known
   * @param nanos when, by the loop's clock
   * @param bytesIn received until then
   * @param bytesOut sent until then
   */
  record Step(
      long order,
      Connection connection,
      StateChange change,
      LinkState linkState,
      @Nullable InetSocketAddress peer,
      long nanos,
      long bytesIn,
      long bytesOut)
      implements ConnectionStep {
    String name() {
      return connection.name();
    }

    @Override
    public Optional<InetSocketAddress> address() {
      return Optional.ofNullable(peer);
    }

    /** As a line of a timeline: the name, the step, where to, why. */
    @Override
    public String toString() {
      return name()
          + ": "
          + change.from()
          + " -> "
          + change.to()
          + (peer == null ? "" : " " + peer)
          + change.reason().map(reason -> ", " + reason).orElse("");
    }
  }

  /** A connection took a step. */
  default void onStep(Step step) {}

  /** Connections begin to go to sleep: a suspend, or the end of a task in the background. */
  default void onSuspending() {}

  /**
   * They are asleep.
   *
   * @param offenders those that still hold sockets and should not, as "name (STATE)"
   */
  default void onSuspended(SuspendReport report, List<String> offenders) {}

  /** Connections begin to come back. */
  default void onResuming() {}

  /** The first attempt of each is over. */
  default void onResumed(ResumeReport report) {}

  /** A task has started. */
  default void onTaskStarted(LongRunningTask task) {}

  /** A task has ended. */
  default void onTaskEnded(LongRunningTask task) {}

  /** The registry begins to end, since it was closed or the app ends. */
  default void onEnding() {}
}
