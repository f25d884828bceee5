package io.dormouse.testing;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.engine.Engine;
import io.dormouse.engine.EngineSettings;
import io.dormouse.engine.Environment;
import io.dormouse.engine.Platform;
import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What registries run on that are in a simulated world. */
final class SimulatedPlatform extends Platform {
  /** What needs only what is due has no need of more time than that. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final long LONGEST = TimeUnit.DAYS.toNanos(365);

  private final VirtualTime time;
  private final SimulatedNetwork network;
  private final Registries registries;

  /**
   * Creates one.
   *
   * @param registries hears of each that begins or ends
   */
  SimulatedPlatform(VirtualTime time, SimulatedNetwork network, Registries registries) {
    this.time = time;
    this.network = network;
    this.registries = registries;
  }

  /** The virtual clock counts everything, so that the app's has nothing to add. */
  @Override
  public Run start(
      Optional<LongSupplier> sleepAwareClock, Optional<Executor> apps, Runnable onEnded) {
    return new InWorld(apps, onEnded);
  }

  /** Lets time pass until a future is completed. Returns whether it is. */
  boolean await(CompletableFuture<?> future, Duration most) throws InterruptedException {
    return await(future::isDone, most.toNanos());
  }

  /** Lets time pass until it is so. Returns whether it is so. */
  boolean await(BooleanSupplier over, long nanos) throws InterruptedException {
    long most = Math.min(nanos, LONGEST);
    if (isOnWorker()) {
      return network.blocking().sleepUntil(over, most);
    } else if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return time.await(over, most);
  }

  /** Returns whether the caller is one of the world's threads. */
  boolean isOnWorker() {
    return network.blocking().isOnWorker();
  }

  /**
   * Throws if another thread lets time pass, so that what the caller does would be at the same
   * time.
   */
  void checkMayWait() {
    if (!isOnWorker()) {
      time.checkMayWait();
    }
  }

  private final class InWorld implements Run {
    private final Runnable onEnded;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ManualLoop loop;
    private final Callbacks callbacks;
    private @Nullable Engine engine;

    InWorld(Optional<Executor> apps, Runnable onEnded) {
      this.onEnded = onEnded;
      loop = time.newLoop(this::loopEnded);
      loop.waitBy(SimulatedPlatform.this::await);
      callbacks = new Callbacks(loop, time.callbacks(), network.blocking(), apps);
    }

    private void loopEnded() {
      if (engine != null) {
        registries.ended(engine);
      }
      onEnded.run();
      ended.complete(null);
    }

    @Override
    public Environment environment(EngineSettings settings) {
      return new Environment(loop, network.asNetworkOfWorld(loop), callbacks, settings);
    }

    @Override
    public void runs(Engine begins) {
      engine = begins;
      registries.begins(begins);
    }

    @Override
    public void stop() {
      loop.stop();
    }

    @Override
    public boolean isOnOneOfItsThreads() {
      return time.callbacks().isRunning();
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
      boolean interrupted = Thread.interrupted();
      try {
        if (SimulatedPlatform.this.await(future, SOON)) {
          return future.join();
        }
      } catch (InterruptedException e) {
        interrupted = true;
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      throw new IllegalStateException("the registry does not answer");
    }

    @Override
    public <T> T await(CompletableFuture<T> future, Duration timeout)
        throws InterruptedException, TimeoutException {
      if (SimulatedPlatform.this.await(future, timeout)) {
        return future.join();
      }
      throw new TimeoutException();
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
      return SimulatedPlatform.this.await(ended, timeout);
    }
  }
}
