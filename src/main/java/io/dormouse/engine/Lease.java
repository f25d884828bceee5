package io.dormouse.engine;

import io.dormouse.loop.Loop;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A long-running task of an engine: it covers connections, not names. */
final class Lease implements LongRunningTask {
  private final String name;
  private final Set<ManagedConnection> covered;
  private final Duration warnBefore;
  private final Consumer<LongRunningTask> onExpiring;
  private final Consumer<LongRunningTask> onRevoked;
  private final List<Consumer<LongRunningTask>> onceEnded;
  private final @Nullable Long deadlineNanos;
  private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
  private final Loop loop;
  private final Executor callbacks;
  private final Consumer<Lease> onEnding;
  private final Consumer<Lease> onEnded;
  private Loop.@Nullable Timer timer; // loop only
  private boolean begun; // loop only

  /**
   * Creates a task whose deadline counts from now.
   *
   * @param covered what it covers; empty for all
   * @param callbacks where the app's callbacks run
   * @param onEnding is called once, on any thread, before the app is told anything
   * @param onEnded is called once after that, on the same thread
   */
  Lease(
      String name,
      Set<ManagedConnection> covered,
      LeaseOptions options,
      Loop loop,
      Executor callbacks,
      Consumer<Lease> onEnding,
      Consumer<Lease> onEnded) {
    this.name = name;
    this.covered = covered;
    this.loop = loop;
    this.callbacks = callbacks;
    this.onEnding = onEnding;
    this.onEnded = onEnded;
    this.warnBefore = options.warnBefore;
    this.onExpiring = options.onExpiring;
    this.onRevoked = options.onRevoked;
    this.onceEnded = List.copyOf(options.onEnded);
    Duration atMost = options.atMost;
    this.deadlineNanos = atMost == null ? null : loop.nanoTime() + atMost.toNanos();
  }

  boolean covers(ManagedConnection connection) {
    return covered.isEmpty() || covered.contains(connection);
  }

  /** Returns true the first time. Loop only. */
  boolean begin() {
    boolean first = !begun;
    begun = true;
    return first;
  }

  /** Loop only. */
  void startClock() {
    if (deadlineNanos != null && ending.get() == null) {
      long left = deadlineNanos - loop.nanoTime();
      timer = loop.schedule(left - warnBefore.toNanos(), this::warn);
    }
  }

  private void warn() {
    if (ending.get() != null) {
      return; // ended on another thread, and the clock is about to be stopped
    }
    callbacks.execute(() -> onExpiring.accept(this));
    long left = deadlineNanos == null ? 0 : deadlineNanos - loop.nanoTime();
    timer = loop.schedule(left, () -> end(Ending.EXPIRED));
  }

  /** Loop only. */
  void stopClock() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Tells the app that what it covered has begun to close. Loop only. */
  void tellEnded() {
    for (Consumer<LongRunningTask> callback : onceEnded) {
      callbacks.execute(() -> callback.accept(this));
    }
  }

  private void end(Ending how) {
    if (ending.compareAndSet(null, how)) {
      onEnding.accept(this);
      try {
        if (how == Ending.REVOKED) {
          callbacks.execute(() -> onRevoked.accept(this));
        }
      } finally { // after the app's callback in the order of callbacks, but in any case
        onEnded.accept(this);
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<String> covered() {
    Set<String> names = new LinkedHashSet<>();
    covered.forEach(connection -> names.add(connection.name()));
    return Collections.unmodifiableSet(names);
  }

  @Override
  public Optional<Duration> remaining() {
    if (deadlineNanos == null) {
      return Optional.empty();
    }
    long left = ending.get() != null ? 0 : deadlineNanos - loop.nanoTime();
    return Optional.of(Duration.ofNanos(Math.max(0, left)));
  }

  @Override
  public Optional<Ending> ending() {
    return Optional.ofNullable(ending.get());
  }

  @Override
  public void revoke() {
    end(Ending.REVOKED);
  }

  @Override
  public void close() {
    end(Ending.CLOSED);
  }

  @Override
  public String toString() {
    return "task " + name + ending().map(how -> " " + how).orElse("");
  }
}
