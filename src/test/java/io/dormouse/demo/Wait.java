package io.dormouse.demo;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Something that is waited for, and how long that may still take. Closed when it is over. */
final class Wait implements AutoCloseable {
  /** What takes no longer than this is not worth a word. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private final Supplier<String> what;
  private final Duration limit;
  private final long began = System.nanoTime();
  private boolean over;

  /**
   * Begins.
   *
   * @param what how things stand, asked for whenever it is shown, on any thread
   * @param limit when it is given up
   */
  Wait(Supplier<String> what, Duration limit) {
    this.what = what;
    this.limit = limit;
  }

  /** Returns whether it goes on, and for so long that people wonder. */
  synchronized boolean isLong() {
    return !over && Format.since(began).compareTo(QUIET) >= 0;
  }

  /** Returns it for people. */
  String text() {
    long left = Math.max(0, Math.round(limit.minus(Format.since(began)).toMillis() / 1e3));
    return "waiting, " + left + " s more at most: " + what.get();
  }

  /** Runs this once, on another thread, as soon as it takes long. */
  void whenLong(Runnable told) {
    CompletableFuture.delayedExecutor(QUIET.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(() -> tell(told));
  }

  /** Runs this unless it is over. Under the lock, so that nothing is told after the end. */
  synchronized void tell(Runnable told) {
    if (!over) {
      told.run();
    }
  }

  @Override
  public synchronized void close() {
    over = true;
  }
}
