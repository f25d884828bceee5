package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.network.Network;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The system that the process runs on: its sockets, its time and threads of our own. */
final class SystemPlatform extends Platform {
  static final Platform INSTANCE = new SystemPlatform();

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private SystemPlatform() {}

  @Override
  public Run start(
      Optional<LongSupplier> sleepAwareClock, Optional<Executor> apps, Runnable onEnded) {
    return new OnThreads(sleepAwareClock, apps, onEnded);
  }

  private static final class OnThreads implements Run {
    private final SelectorLoop loop;
    private final Callbacks callbacks;
    private final Runnable onEnded;

    OnThreads(Optional<LongSupplier> sleepAwareClock, Optional<Executor> apps, Runnable onEnded) {
      String prefix = "dormouse-" + NUMBERS.incrementAndGet();
      this.onEnded = onEnded;
      loop = SelectorLoop.start(prefix + "-io", sleepAwareClock, this::loopEnded);
      callbacks = Callbacks.withOwnThreads(loop, loop, prefix, apps);
    }

    private void loopEnded() {
      onEnded.run();
      callbacks.shutdown();
    }

    @Override
    public Environment environment(EngineSettings settings) {
      return new Environment(loop, Network.system(), callbacks, settings);
    }

    @Override
    public void stop() {
      loop.stop();
    }

    @Override
    public boolean isOnOneOfItsThreads() {
      return loop.isOnOwnThread() || callbacks.isOnOneOfItsThreads();
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
      return future.join();
    }

    @Override
    public <T> T await(CompletableFuture<T> future, Duration timeout)
        throws InterruptedException, TimeoutException {
      try {
        return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw new IllegalStateException("it never fails", e);
      }
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
      return loop.awaitEnd(timeout.toNanos(), TimeUnit.NANOSECONDS)
          && callbacks.awaitEnd(1, TimeUnit.SECONDS);
    }
  }
}
