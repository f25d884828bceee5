package io.dormouse.engine;

import io.dormouse.loop.Loop;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A long-running task of an engine. */
final class Lease implements LongRunningTask {
  private final Engine engine;
  private final String name;
  private final Set<String> covered;
  private final Duration warnBefore;
  private final Consumer<LongRunningTask> onExpiring;
  private final Consumer<LongRunningTask> onRevoked;
  private final @Nullable Long deadlineNanos;
  private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
  private final Executor callbacks;
  private Loop.@Nullable Timer timer; // loop only

  Lease(Engine engine, String name, TaskOptions options) {
    this.engine = engine;
    this.name = name;
    this.callbacks = engine.callbacks().serial("task " + name);
    this.covered = Set.copyOf(options.covered());
    this.warnBefore = options.warnBefore();
    this.onExpiring = options.onExpiring();
    this.onRevoked = options.onRevoked();
    this.deadlineNanos =
        options.atMost().map(limit -> engine.loop().nanoTime() + limit.toNanos()).orElse(null);
  }

  boolean covers(String connectionName) {
    return covered.isEmpty() || covered.contains(connectionName);
  }

  /** Starts the clock. Loop only. */
  void begin() {
    if (deadlineNanos != null && ending.get() == null) {
      long left = deadlineNanos - engine.loop().nanoTime();
      timer = engine.loop().schedule(left - warnBefore.toNanos(), this::warn);
    }
  }

  private void warn() {
    if (ending.get() != null) {
      return; // ended on another thread, and the clock is about to be stopped
    }
    callbacks.execute(() -> onExpiring.accept(this));
    long left = deadlineNanos == null ? 0 : deadlineNanos - engine.loop().nanoTime();
    timer = engine.loop().schedule(left, () -> end(Ending.EXPIRED));
  }

  /** Stops the clock. Loop only. */
  void stopClock() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  void end(Ending how) {
    if (ending.compareAndSet(null, how)) {
      engine.onTaskEnded(this);
      if (how == Ending.REVOKED) {
        callbacks.execute(() -> onRevoked.accept(this));
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<String> covered() {
    return covered;
  }

  @Override
  public Optional<Duration> remaining() {
    if (deadlineNanos == null) {
      return Optional.empty();
    }
    long left = ending.get() != null ? 0 : deadlineNanos - engine.loop().nanoTime();
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
