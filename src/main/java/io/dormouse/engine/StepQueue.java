package io.dormouse.engine;

import io.dormouse.log.LogLine;
import io.dormouse.loop.Loop;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
  private static final LogLine STEP_FAILED =
      LogLine.error(
          LoggerFactory.getLogger("io.dormouse.connections"),
          "{}: a step was not carried out in full");

  /** How long it is tried again what there is no memory for. */
  static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

  static final long NO_MEMORY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long NEVER = Long.MIN_VALUE;

  private final String connectionName;
  private final Loop loop;
  private final Queue<Runnable> restOfStep = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private boolean running;

  /** Made beforehand: it is for when there is no memory. */
  private final Runnable retry = this::runAll;

  /** On the loop's clock, or {@link #NEVER}. */
  private long outOfMemorySince = NEVER;

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
          if (isToBeRetried()) {
            if (retryLater()) {
              return;
            }
            continue;
          }
          STEP_FAILED.write(connectionName, e);
        } catch (Throwable e) { // the library's own, or of a logger: the rest is done all the same
          STEP_FAILED.write(connectionName, e);
        }
        queue.remove();
        outOfMemorySince = NEVER;
      }
    } finally {
      running = false;
    }
  }

  /** Returns false if that has been tried for long. Makes no object, as what it calls. */
  private boolean isToBeRetried() {
    long now = loop.nanoTime();
    if (outOfMemorySince == NEVER) {
      outOfMemorySince = now;
    }
    return now - outOfMemorySince < RETRY_NANOS;
  }

  /** Returns false if there is no memory for that either: it is tried again at once. */
  private boolean retryLater() {
    try {
      loop.execute(retry);
      return true;
    } catch (RejectedExecutionException e) {
      return true; // the loop has ended, and so has all that waits
    } catch (OutOfMemoryError e) {
      LockSupport.parkNanos(this, NO_MEMORY_NANOS);
      return false;
    }
  }
}
