package io.dormouse.engine;

import io.dormouse.loop.Loop;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection has to do, one after the other: events, and the rest of a step that an event
 * has begun. An event that comes up while another one is carried out waits for that to be complete.
 * Loop only.
 *
 * <p>Each is removed when it is done: if there was no memory for it, it is done again, which is
 * harmless for all of them.
 */
final class StepQueue {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** How long it is tried again what there is no memory for. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String connectionName;
  private final Loop loop;
  private final Queue<Runnable> restOfStep = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private boolean running;

  /** Made beforehand: it is for when there is no memory. */
  private final Runnable retry = this::runAll;

  private @Nullable Long outOfMemorySince;

  StepQueue(String connectionName, Loop loop) {
    this.connectionName = connectionName;
    this.loop = loop;
  }

  /** Carries this out, now or as soon as what is being carried out is complete. */
  void run(Runnable event) {
    loop.checkInLoop();
    events.add(event);
    if (!running) {
      runAll();
    }
  }

  /** Carries these out before the next event. For events only. */
  void addRestOfStep(List<Runnable> rest) {
    restOfStep.addAll(rest);
  }

  private void runAll() {
    running = true;
    try {
      while (!restOfStep.isEmpty() || !events.isEmpty()) {
        Queue<Runnable> queue = restOfStep.isEmpty() ? events : restOfStep;
        try {
          queue.element().run();
        } catch (OutOfMemoryError e) {
          if (retryLater()) {
            return;
          }
          logSafely("no memory for a step", e);
        } catch (Throwable e) { // the library's own, or of a logger: the rest is done all the same
          logSafely("a step was not carried out in full", e);
        }
        queue.remove();
        outOfMemorySince = null;
      }
    } finally {
      running = false;
    }
  }

  /** Returns false if that has been tried for long. */
  private boolean retryLater() {
    long now = loop.nanoTime();
    long since = outOfMemorySince == null ? now : outOfMemorySince;
    outOfMemorySince = since;
    try {
      loop.execute(retry);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return true; // the next event brings us back
    }
    return now - since < RETRY_NANOS;
  }

  private void logSafely(String what, Throwable e) {
    try {
      log.error("{}: {}", connectionName, what, e);
    } catch (Throwable again) {
      e.addSuppressed(again);
    }
  }
}
