package io.dormouse.callbacks;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for work that may block for as long as it likes, such as name look-ups and suppliers of
 * the app: no callback ever needs one of them. Any thread.
 *
 * <p>Each piece has a thread at once, an idle one if there is any. Only if as many are blocked as
 * there may be, it waits until one of them is free; so whoever hands in work sees to it that a
 * connection has little of it at a time. A thread that was idle for a second goes.
 */
final class BlockingThreads implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.callbacks");

  private static final long IDLE_MILLIS = 1_000;

  private final ThreadPoolExecutor pool;
  private final int most;
  private final Object lock = new Object();
  private final Queue<Runnable> waiting = new ArrayDeque<>(); // guarded by lock
  private int running; // guarded by lock

  /**
   * Creates threads, which start as they are needed.
   *
   * @param most so many there may be
   */
  BlockingThreads(String namePrefix, int most) {
    this.most = most;
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            task -> new Worker(this, task, namePrefix + number.incrementAndGet()));
  }

  /**
   * Runs this on one of the threads.
   *
   * @throws java.util.concurrent.RejectedExecutionException after {@link #shutdown()}
   */
  @Override
  public void execute(Runnable work) {
    synchronized (lock) {
      if (running == most) {
        waiting.add(work);
        return;
      }
      running++;
    }
    boolean begins = false;
    try {
      pool.execute(() -> runAll(work));
      begins = true;
    } finally {
      if (!begins) { // the system gives no thread, or this has ended
        synchronized (lock) {
          running--;
        }
      }
    }
  }

  private void runAll(Runnable first) {
    for (Runnable work = first; work != null; work = next()) {
      boolean unused = Thread.interrupted(); // what is left of an interrupt of the one before
      try {
        work.run();
      } catch (Throwable e) {
        WithoutMessage.log(log, Thread.currentThread().getName(), "blocking work threw", e);
      }
    }
  }

  private @Nullable Runnable next() {
    synchronized (lock) {
      Runnable work = waiting.poll();
      if (work == null) {
        running--;
      }
      return work;
    }
  }

  /** Returns whether the caller runs on one of these threads. */
  boolean isOneOfThese() {
    return Thread.currentThread() instanceof Worker worker && worker.owner == this;
  }

  /** Lets what was handed in run, and then ends the threads. */
  void shutdown() {
    pool.shutdown();
  }

  /** Waits until the threads are gone. Returns false if they were not within the timeout. */
  boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(timeout, unit);
  }

  private static final class Worker extends Thread {
    final BlockingThreads owner;

    Worker(BlockingThreads owner, Runnable task, String name) {
      super(task, name);
      this.owner = owner;
      setDaemon(true);
    }
  }
}
