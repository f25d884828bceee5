package io.dormouse.lifecycle.harmony;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an app says of a task, so that it can be said to more than one task of a registry, one after
 * the other. The app says it once.
 */
final class RecordedOptions implements TaskOptions {
  private final Set<Connection> covered = new LinkedHashSet<>();
  private @Nullable Duration atMost;
  private @Nullable Duration warnBefore;
  private final List<Consumer<LongRunningTask>> onEnded = new ArrayList<>();

  /** What the app wants to be called when the task is about to end. */
  Consumer<LongRunningTask> onExpiring = task -> {};

  private Consumer<LongRunningTask> onRevoked = task -> {};

  @Override
  public TaskOptions covering(Connection... connections) {
    if (Check.given("task", "connections", connections).length == 0) {
      throw new IllegalArgumentException(
          "covering() without a connection; leave the call out to cover all");
    }
    for (Connection connection : connections) {
      covered.add(Check.given("task", "connection", connection));
    }
    return this;
  }

  @Override
  public TaskOptions atMost(Duration limit) {
    atMost = Check.positive("task", "atMost", limit);
    return this;
  }

  @Override
  public TaskOptions warnBefore(Duration lead) {
    warnBefore = Check.positive("task", "warnBefore", lead);
    return this;
  }

  @Override
  public TaskOptions onExpiring(Consumer<LongRunningTask> callback) {
    onExpiring = Check.given("task", "callback", callback);
    return this;
  }

  @Override
  public TaskOptions onRevoked(Consumer<LongRunningTask> callback) {
    onRevoked = Check.given("task", "callback", callback);
    return this;
  }

  @Override
  public TaskOptions onEnded(Consumer<LongRunningTask> callback) {
    onEnded.add(Check.given("task", "callback", callback));
    return this;
  }

  /**
   * Takes out the connections that are closed, which no task may cover any more.
   *
   * @param registered all that are not
   * @return whether it still covers something
   */
  boolean coverOnly(Collection<Connection> registered) {
    if (covered.isEmpty()) { // which means: all
      return true;
    }
    covered.removeIf(connection -> !registered.contains(connection));
    return !covered.isEmpty();
  }

  /** Says what is covered, and whom a revocation is told. */
  void tellCovered(TaskOptions to, LongRunningTask task) {
    if (!covered.isEmpty()) {
      TaskOptions unused = to.covering(covered.toArray(new Connection[0]));
    }
    TaskOptions unused = to.onRevoked(of -> onRevoked.accept(task));
  }

  /** Says when it ends by the app's own will. */
  void tellLimits(TaskOptions to) {
    if (atMost != null) {
      TaskOptions unused = to.atMost(atMost);
    }
    if (warnBefore != null) {
      TaskOptions unused = to.warnBefore(warnBefore);
    }
  }

  /** Returns whom the end is told. */
  List<Consumer<LongRunningTask>> onEnded() {
    return onEnded;
  }
}
