package io.dormouse.loop;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks, timers and I/O handlers one at a time. Whoever runs on the loop has everything that
 * belongs to the loop for itself, without a lock.
 *
 * <p>What is guaranteed:
 *
 * <ol>
 *   <li><b>Serial.</b> Nothing on the loop overlaps anything else on it, and each sees all that
 *       those before it did.
 *   <li><b>In order.</b> Tasks run in the order of {@link #execute}; timers in the order of their
 *       due times, those of one time in the order they were made, and none before its time.
 *   <li><b>Not re-entrant.</b> {@code execute} on the loop never runs the task inside the caller;
 *       the task runs in a later iteration.
 *   <li><b>A cancelled timer never runs</b>, also when it was due already.
 *   <li><b>An iteration begins with the selector</b>: a channel that was closed in one iteration
 *       has given its file descriptor back before a task of the next one runs.
 *   <li><b>An iteration ends with what was left to its end</b>, after its handlers, tasks and
 *       timers: the place for what many of them ask for and need be done once.
 *   <li><b>Idle is idle.</b> With no task and no timer the loop sleeps without end.
 * </ol>
 *
 * <p>A task, timer or handler that throws is logged, and the loop goes on.
 */
public interface Loop extends Executor {
  /** Returns the loop's clock in nanoseconds; only differences mean something. Any thread. */
  long nanoTime();

  /**
   * Runs a task in a later iteration. Any thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  @Override
  void execute(Runnable task);

  /**
   * Runs a task once, after a delay. Loop only.
   *
   * @param delayNanos nanoseconds; 0 or less runs it in the next iteration
   * @throws IllegalStateException if called from elsewhere
   */
  Timer schedule(long delayNanos, Runnable task);

  /**
   * Runs a task at the end of this iteration, after those that were handed in before. Loop only.
   *
   * @throws IllegalStateException if called from elsewhere
   */
  void atIterationEnd(Runnable task);

  /**
   * Makes a signal, for what must not be lost where there is no memory. Any thread.
   *
   * @param task runs on the loop each time the signal was raised
   */
  Signal signal(Runnable task);

  /**
   * Watches a channel in non-blocking mode. Loop only.
   *
   * @param ops the first interest, of {@link java.nio.channels.SelectionKey}'s bits
   * @param handler is called on the loop when the channel is ready
   * @throws IOException if the channel is closed
   * @throws IllegalStateException if called from elsewhere
   */
  Registration register(SelectableChannel channel, int ops, Handler handler) throws IOException;

  /**
   * Waits for a permit. Not on the loop. It may end too early, so that the caller looks at the
   * loop's clock again.
   *
   * @param nanos how long at most
   * @return whether it was given one
   */
  default boolean acquire(Semaphore permits, long nanos) throws InterruptedException {
    return permits.tryAcquire(nanos, TimeUnit.NANOSECONDS);
  }

  /** Returns whether the caller runs on the loop. */
  boolean inLoop();

  /**
   * Checks that the caller runs on the loop.
   *
   * @throws IllegalStateException if not
   */
  default void checkInLoop() {
    if (!inLoop()) {
      throw new IllegalStateException("only on the loop, not on " + Thread.currentThread());
    }
  }

  /** A task that will run, unless it is cancelled. */
  interface Timer {
    /** Makes sure that the task never runs from now on. Loop only. */
    void cancel();
  }

  /** A task that is made beforehand, so that to hand it in needs no memory. */
  interface Signal {
    /**
     * Has the task run in a later iteration: once, however often this was called before it runs. It
     * needs no memory and is never refused, but after the loop's end nothing runs any more. Any
     * thread.
     *
     * <p>If the task throws an {@link OutOfMemoryError}, it runs again, until there was memory for
     * all of it.
     */
    void raise();
  }

  /** What to do when a channel is ready. */
  interface Handler {
    /**
     * The channel is ready.
     *
     * @param ops for what, of {@link java.nio.channels.SelectionKey}'s bits
     */
    void ready(int ops);
  }

  /** A watched channel. Loop only. */
  interface Registration {
    /** Changes what the channel is watched for; 0 for nothing. Does nothing once it is closed. */
    void interest(int ops);

    /**
     * Watches the channel no more. To be called before it is closed: a channel that is closed where
     * there is no memory may fail to say so itself, and keep its file descriptor.
     */
    default void cancel() {
      interest(0);
    }
  }
}
