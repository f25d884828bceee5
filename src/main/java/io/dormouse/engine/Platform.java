package io.dormouse.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What registries run on: the system, unless a registry is made {@link #within} another. Any
 * thread.
 */
public abstract class Platform {
  private static final ThreadLocal<@Nullable Platform> CHOSEN = new ThreadLocal<>();

  /** Returns what a registry runs on that this thread makes now. */
  public static Platform current() {
    Platform chosen = CHOSEN.get();
    return chosen == null ? SystemPlatform.INSTANCE : chosen;
  }

  /** Does something on this thread, whose registries run on this one meanwhile. */
  public final <T> T within(Supplier<T> work) {
    Platform before = CHOSEN.get();
    CHOSEN.set(this);
    try {
      return work.get();
    } finally {
      if (before == null) {
        CHOSEN.remove();
      } else {
        CHOSEN.set(before);
      }
    }
  }

  /**
   * Begins to run what one registry needs.
   *
   * @param sleepAwareClock the app's, in nanoseconds; empty for the platform's own
   * @param apps where the app wants its callbacks; empty if it leaves that to us
   * @param onEnded runs on the loop as the last
   */
  public abstract Run start(
      Optional<LongSupplier> sleepAwareClock, Optional<Executor> apps, Runnable onEnded);

  /** What one registry runs in, and how others wait for it. Any thread. */
  public interface Run {
    /** Returns where everything of the registry runs. */
    Environment environment(EngineSettings settings);

    /**
     * Hears which engine it is that runs here, before that begins.
     *
     * @param engine follows no lifecycle yet
     */
    default void runs(Engine engine) {}

    /** Ends the loop, and with it all else. */
    void stop();

    /** Returns whether the caller may not wait for the end, as it would be waited for itself. */
    boolean isOnOneOfItsThreads();

    /** Waits for what is surely completed soon, and can't fail. */
    <T> T await(CompletableFuture<T> future);

    /**
     * Waits for what can't fail.
     *
     * @throws TimeoutException if it is not completed within the timeout
     * @throws InterruptedException if the thread is interrupted
     */
    <T> T await(CompletableFuture<T> future, Duration timeout)
        throws InterruptedException, TimeoutException;

    /**
     * Waits until the loop has ended and the threads are gone.
     *
     * @return whether that was so within the timeout, and a moment for the threads
     * @throws InterruptedException if the thread is interrupted
     */
    boolean awaitEnd(Duration timeout) throws InterruptedException;
  }
}
