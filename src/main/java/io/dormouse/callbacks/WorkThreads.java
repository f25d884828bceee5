package io.dormouse.callbacks;

import io.dormouse.loop.Loop;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads of the library, for callbacks or for work that blocks. (Callbacks that are quick and many
 * have the loop's thread: {@link InlineCalls}.) Two are enough for work that doesn't block,
 * whatever the number of connections; when all are stuck, more come, so that one blocking callback
 * never holds up another connection; idle ones go. Any thread.
 */
public final class WorkThreads implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");

  private static final int NORMAL = 2;
  private static final int MOST = 512;
  private static final long IDLE_MILLIS = 1_000;

  /** Work that has waited this long while nothing was finished means that all threads are stuck. */
  private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Loop loop;
  private final ThreadPoolExecutor pool;
  private final AtomicLong finished = new AtomicLong();
  private final AtomicBoolean watching = new AtomicBoolean();

  /** A thread of a registry's workers. */
  private static final class Worker extends Thread {
    private final WorkThreads owner;

    Worker(WorkThreads owner, Runnable task, String name) {
      super(task, name);
      this.owner = owner;
      setDaemon(true);
    }
  }

  /** Creates workers that start threads as they need them. */
  public WorkThreads(Loop loop, String threadNamePrefix) {
    this.loop = loop;
    AtomicInteger number = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            NORMAL,
            NORMAL,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Worker(this, task, threadNamePrefix + number.incrementAndGet()));
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            log.error("work off the loop threw", e);
          } finally {
            finished.incrementAndGet();
          }
        });
    if (!pool.getQueue().isEmpty() && watching.compareAndSet(false, true)) {
      try {
        loop.execute(() -> watch(finished.get()));
      } catch (RejectedExecutionException e) {
        watching.set(false); // the registry is closing: what is queued runs as threads come free
      }
    }
  }

  /** Returns whether the caller runs on one of these threads. */
  public boolean isWorker() {
    return Thread.currentThread() instanceof Worker worker && worker.owner == this;
  }

  /** Returns whether the caller runs on a worker's thread of any registry. */
  static boolean isOneOfAny() {
    return Thread.currentThread() instanceof Worker;
  }

  /** Lets what is queued run, and then ends the threads. */
  public void shutdown() {
    pool.shutdown();
  }

  /** Waits until the threads are gone. Returns false if they were not within the timeout. */
  public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(timeout, unit);
  }

  private void watch(long finishedBefore) {
    loop.schedule(STUCK_NANOS, () -> look(finishedBefore));
  }

  private void look(long finishedBefore) {
    if (pool.getQueue().isEmpty()) {
      setThreads(NORMAL);
      watching.set(false);
      if (pool.getQueue().isEmpty() || !watching.compareAndSet(false, true)) {
        return; // what comes from now on begins a watch of its own
      }
    }
    long finishedNow = finished.get();
    if (finishedNow == finishedBefore) {
      // Doubling: a hundred stuck callbacks must not take a hundred rounds to get past.
      setThreads(Math.min(MOST, pool.getCorePoolSize() * 2));
    }
    watch(finishedNow);
  }

  private void setThreads(int threads) {
    if (threads > pool.getMaximumPoolSize()) {
      pool.setMaximumPoolSize(threads);
      pool.setCorePoolSize(threads);
    } else {
      pool.setCorePoolSize(threads);
      pool.setMaximumPoolSize(threads);
    }
  }
}
