package io.dormouse.testing;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.engine.Engine;
import io.dormouse.engine.EngineSettings;
import io.dormouse.engine.Environment;
import io.dormouse.engine.Platform;
import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What registries run on that are in a simulated world. */
final class SimulatedPlatform extends Platform {
  /** What needs only what is due has no need of more time than that. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final long LONGEST = TimeUnit.DAYS.toNanos(365);

  /** A thread of the world looks this often whether what it waits for is so. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final VirtualTime time;
  private final SimulatedNetwork network;
  private final Consumer<Engine> onBegin;
  private final List<Engine> live = new ArrayList<>();

  /**
   * Creates one without registries.
   *
   * @param onBegin hears of each before it begins
   */
  SimulatedPlatform(VirtualTime time, SimulatedNetwork network, Consumer<Engine> onBegin) {
    this.time = time;
    this.network = network;
    this.onBegin = onBegin;
  }

  /** Returns the registries that have not ended. */
  List<Engine> live() {
    return List.copyOf(live);
  }

  /** The virtual clock counts everything, so that the app's has nothing to add. */
  @Override
  public Run start(
      Optional<LongSupplier> sleepAwareClock, Optional<Executor> apps, Runnable onEnded) {
    return new InWorld(apps, onEnded);
  }

  /** Lets time pass until a future is completed. Returns whether it is. */
  boolean await(CompletableFuture<?> future, Duration most) throws InterruptedException {
    if (network.blocking().isOnWorker()) {
      network.blocking().sleepUntil(future, most);
      return future.isDone();
    }
    return time.await(future::isDone, most.toNanos());
  }

  /** Lets time pass until it is so. Returns whether it is so. */
  boolean await(BooleanSupplier over, long nanos) throws InterruptedException {
    if (!network.blocking().isOnWorker()) {
      return time.await(over, nanos);
    }
    long end = time.nanos() + Math.min(nanos, LONGEST);
    while (!over.getAsBoolean()) {
      long left = end - time.nanos();
      if (left <= 0) {
        return false;
      }
      network.blocking().sleep(Duration.ofNanos(Math.min(left, LOOK_NANOS)));
    }
    return true;
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
      loop.waitBy((over, nanos) -> SimulatedPlatform.this.await(over, Math.min(nanos, LONGEST)));
      callbacks = new Callbacks(loop, time.callbacks(), network.blocking(), apps);
    }

    private void loopEnded() {
      if (engine != null) {
        live.remove(engine);
      }
      onEnded.run();
      ended.complete(null);
    }

    @Override
    public Environment environment(EngineSettings settings) {
      return new Environment(loop, network.asNetwork(loop), callbacks, settings);
    }

    @Override
    public void runs(Engine begins) {
      engine = begins;
      live.add(begins);
      onBegin.accept(begins);
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
      try {
        if (SimulatedPlatform.this.await(future, SOON)) {
          return future.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
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
