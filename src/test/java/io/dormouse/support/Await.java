package io.dormouse.support;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waits for what must come, with a limit that only a failure reaches. */
public final class Await {
  /** So long that a busy machine does not reach it. */
  public static final Duration LIMIT = Duration.ofSeconds(30);

  private Await() {}

  /** Waits until a condition holds that nobody announces, such as the system's socket table. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited " + LIMIT + " without result: " + what);
      }
      pause();
    }
  }

  /** Waits for a future's value. */
  public static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the future failed", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("waited " + LIMIT + " for a future, without result", e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for a future to fail, and returns with what. */
  public static Throwable failure(CompletableFuture<?> future) {
    try {
      Object value = future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("the future did not fail but gave " + value);
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("waited " + LIMIT + " for a future, without result", e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for a latch. */
  public static void latch(CountDownLatch latch) {
    latch(latch, LIMIT);
  }

  /**
   * Blocks the caller until the test lets it go. It lasts longer than anybody waits for a result:
   * otherwise what must not wait for the caller would still come in time, when that gives up.
   */
  public static void hold(CountDownLatch until) {
    latch(until, LIMIT.multipliedBy(10));
  }

  private static void latch(CountDownLatch latch, Duration limit) {
    try {
      if (!latch.await(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("waited " + limit + " for a latch, without result");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static void pause() {
    try {
      // The result does not matter: nobody counts this latch down.
      boolean unused = new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for the next one. */
  public static <T> T next(BlockingQueue<T> queue) {
    try {
      T next = queue.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError("nothing came within " + LIMIT);
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
