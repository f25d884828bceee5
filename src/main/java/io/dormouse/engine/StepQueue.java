package io.dormouse.engine;

import io.dormouse.log.LogLine;
import io.dormouse.loop.LackOfMemory;
import io.dormouse.loop.Loop;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
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

  private static final long NEVER = Long.MIN_VALUE;

  private final String connectionName;
  private final Loop loop;
  private final Queue<Runnable> restOfStep = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private boolean running;

  private final Runnable noMemory;

  /** On the loop's clock, or {@link #NEVER}. */
  private long outOfMemorySince = NEVER;

  /**
   * Creates an empty one.
   *
   * @param noMemory is called when there was no memory for a step, and {@link #resume()} is to be
   *     called later
   */
  StepQueue(String connectionName, Loop loop, Runnable noMemory) {
    this.connectionName = connectionName;
    this.loop = loop;
    this.noMemory = noMemory;
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

  /** Goes on where there was no memory. */
  void resume() {
    if (!running) {
      runAll();
    }
  }

  private void runAll() {
    running = true;
    try {
      while (!restOfStep.isEmpty() || !events.isEmpty()) {
        Queue<Runnable> queue = restOfStep.isEmpty() ? events : restOfStep;
        try {
          queue.element().run();
        } catch (Throwable e) { // the library's own, or of a logger: the rest is done all the same
          if (LackOfMemory.is(e) && isToBeRetried()) {
            noMemory.run();
            return;
          }
          STEP_FAILED.write(connectionName, e);
        }
        queue.remove();
        outOfMemorySince = NEVER;
      }
    } finally {
      running = false;
    }
  }

  /** There was no memory for a step. Returns false if it has been tried for long. */
  boolean isToBeRetried() {
    long now = loop.nanoTime();
    if (outOfMemorySince == NEVER) {
      outOfMemorySince = now;
    }
    return now - outOfMemorySince < RETRY_NANOS;
  }
}
