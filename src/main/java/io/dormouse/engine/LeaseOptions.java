package io.dormouse.engine;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What an app says of a task, as long as it says it. */
final class LeaseOptions implements TaskOptions {
  /** Empty for all. */
  final Set<Connection> covered = new LinkedHashSet<>();

  /** Null for no limit. */
  @Nullable Duration atMost;

  Duration warnBefore = Duration.ofSeconds(6);
  Consumer<LongRunningTask> onExpiring = task -> {};
  Consumer<LongRunningTask> onRevoked = task -> {};
  final List<Consumer<LongRunningTask>> onEnded = new ArrayList<>();

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
}
