package io.dormouse.task;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a {@link LongRunningTask} covers and how long it may last. Used once, by the thread that
 * starts the task.
 */
public final class TaskOptions {
  private final Set<Connection> covered = new LinkedHashSet<>();
  private Optional<Duration> atMost = Optional.empty();
  private Duration warnBefore = Duration.ofSeconds(6);
  private Consumer<LongRunningTask> onExpiring = task -> {};
  private Consumer<LongRunningTask> onRevoked = task -> {};

  /** Creates options that cover all connections, without a deadline. */
  public TaskOptions() {}

  /**
   * Covers these connections, and those of other calls of this method: these very ones, and not
   * what is registered under their names later. If it is not called, the task covers all
   * connections, also those registered later.
   *
   * @throws IllegalArgumentException if {@code connections} is empty
   */
  public TaskOptions covering(Connection... connections) {
    if (connections.length == 0) {
      throw new IllegalArgumentException(
          "covering() without a connection; leave the call out to cover all");
    }
    for (Connection connection : connections) {
      covered.add(Objects.requireNonNull(connection, "connection"));
    }
    return this;
  }

  /**
   * Ends the task after this long. If this method is not called, it has no deadline.
   *
   * @param limit how long; positive
   * @throws IllegalArgumentException if {@code limit} is not positive or above 365 days
   */
  public TaskOptions atMost(Duration limit) {
    atMost = Optional.of(Check.positive("task", "atMost", limit));
    return this;
  }

  /**
   * How long before the deadline {@link #onExpiring} is called. If this method is not called, 6 s,
   * which is what HarmonyOS gives; at once, if the whole task is shorter.
   *
   * @param lead how long before; positive
   * @throws IllegalArgumentException if {@code lead} is not positive or above 365 days
   */
  public TaskOptions warnBefore(Duration lead) {
    warnBefore = Check.positive("task", "warnBefore", lead);
    return this;
  }

  /** Is called once, some time before the deadline, unless the task ends earlier. */
  public TaskOptions onExpiring(Consumer<LongRunningTask> callback) {
    onExpiring = Objects.requireNonNull(callback, "callback");
    return this;
  }

  /** Is called when the task was revoked from outside. */
  public TaskOptions onRevoked(Consumer<LongRunningTask> callback) {
    onRevoked = Objects.requireNonNull(callback, "callback");
    return this;
  }

  /** Returns the covered connections; empty for all. */
  public Set<Connection> covered() {
    return Collections.unmodifiableSet(covered);
  }

  /** Returns the limit; empty for none. */
  public Optional<Duration> atMost() {
    return atMost;
  }

  /** Returns how long before the deadline the warning comes. */
  public Duration warnBefore() {
    return warnBefore;
  }

  /** Returns what to call before the deadline. */
  public Consumer<LongRunningTask> onExpiring() {
    return onExpiring;
  }

  /** Returns what to call on revocation. */
  public Consumer<LongRunningTask> onRevoked() {
    return onRevoked;
  }
}
