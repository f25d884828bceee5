package io.dormouse.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads whose work may wait for the simulated clock. Only one thread runs at any time, the loop's
 * included: a worker goes on when the loop lets it, and the loop waits until the worker sleeps or
 * has done its work. So a run stays the same each time, although there are threads.
 */
public final class BlockingWork implements Executor {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** So long may work take in real time, until it has surely been caught in something real. */
  private static final long PATIENCE_SECONDS = 20;

  /** Work that waits so often again after its end catches everything, and would never cease. */
  private static final int MOST_ENDS = 100;

  /** So long does the end of a world wait for each thread, in real time. */
  private static final long END_MILLIS = 1_000;

  private final Later later;
  private final List<Worker> idle = new ArrayList<>();
  private final List<Worker> all = new ArrayList<>();
  private final AtomicInteger busy = new AtomicInteger();
  private boolean closed;

  BlockingWork(Later later) {
    this.later = later;
  }

  /** Has a worker do this in a later iteration of the loop. */
  @Override
  public void execute(Runnable work) {
    busy.getAndIncrement();
    later.execute(
        () -> {
          Worker worker = idle.isEmpty() ? new Worker() : idle.remove(idle.size() - 1);
          worker.begin(work);
        });
  }

  /**
   * Returns how many pieces of work are not done.
   *
   * @return 0 if all is done
   */
  public int pending() {
    return busy.get();
  }

  /** Returns whether the caller is work of this executor. */
  boolean isOnWorker() {
    return Thread.currentThread() instanceof Worker worker && worker.owner() == this;
  }

  /**
   * Lets time of the simulated clock pass. For work of this executor only.
   *
   * @param time zero or more
   * @throws InterruptedException if the thread is interrupted, as soon as the loop comes to it
   */
  public void sleep(Duration time) throws InterruptedException {
    caller().pause(time.toNanos());
  }

  /**
   * The same, but wakes as soon as something is so.
   *
   * @param over is asked at once, and then by {@link #wakeReady}, until it is so
   * @return whether it is so
   */
  boolean sleepUntil(BooleanSupplier over, long nanos) throws InterruptedException {
    return caller().pauseUntil(over, nanos);
  }

  /** Wakes those that wait for what is so now. Returns whether there are any. */
  boolean wakeReady() {
    boolean any = false;
    for (Worker worker : List.copyOf(all)) {
      any |= worker.wakeIfReady();
    }
    return any;
  }

  private Worker caller() {
    if (!(Thread.currentThread() instanceof Worker worker) || worker.owner() != this) {
      throw new IllegalStateException("only work that may block can wait for the simulated clock");
    }
    return worker;
  }

  /**
   * Ends the threads, one after the other; what is asleep on them never wakes, but is unwound. One
   * that is caught in something real is interrupted, and left behind if that does not help. What is
   * done after that, when a registry is closed later than its world, has threads that end with it.
   */
  void close() {
    closed = true;
    idle.clear();
    for (Worker worker : all) {
      worker.end();
    }
  }

  private final class Worker extends Thread {
    private final Semaphore mayRun = new Semaphore(0);
    private final Semaphore hasPaused = new Semaphore(0);
    private Runnable work = () -> {};
    private long sleepNanos; // how long it wants to sleep; -1: it is idle
    private long sleeps; // how many there were
    private boolean asleep;
    private @Nullable BooleanSupplier over; // what ends its sleep before that; null once it is so
    private boolean caught; // in something real
    private @Nullable Throwable thrown; // by its work
    private volatile boolean ended;
    private int ends; // how often its work was told of it

    Worker() {
      super("simulated-blocking-" + NUMBERS.incrementAndGet());
      setDaemon(true);
      all.add(this);
      start();
    }

    BlockingWork owner() {
      return BlockingWork.this;
    }

    /** On the loop. */
    void begin(Runnable next) {
      work = next;
      goOn();
    }

    private void goOn() {
      mayRun.release();
      awaitPause();
      if (sleepNanos >= 0) {
        asleep = true;
        long sleep = ++sleeps;
        later.after(sleepNanos, () -> wake(sleep));
        return;
      }
      busy.getAndDecrement();
      if (closed) {
        ended = true;
        mayRun.release();
      } else {
        idle.add(this);
      }
      Throwable failure = thrown;
      thrown = null;
      if (failure != null) {
        throw new AssertionError("work on a simulated thread threw", failure);
      }
    }

    private void awaitPause() {
      boolean paused = false;
      try {
        // One by one: a debugger that stops all threads, or a machine that sleeps, takes only one.
        for (int i = 0; i < PATIENCE_SECONDS && !paused; i++) {
          paused = hasPaused.tryAcquire(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        caught = true;
        throw new IllegalStateException("interrupted while " + getName() + " runs", e);
      }
      if (!paused) {
        caught = true;
        Throwable where = new Throwable("here");
        where.setStackTrace(getStackTrace());
        throw new IllegalStateException(
            getName() + " waits for something that is not simulated", where);
      }
    }

    private void wake(long sleep) {
      if (asleep && !ended && sleep == sleeps) {
        asleep = false;
        goOn();
      }
    }

    /** While it sleeps. */
    boolean wakeIfReady() {
      BooleanSupplier waitsFor = over;
      if (!asleep || ended || waitsFor == null || !waitsFor.getAsBoolean()) {
        return false;
      }
      over = null; // it may have taken something, so it is not to be asked again
      long sleep = sleeps;
      later.execute(() -> wake(sleep));
      return true;
    }

    /** On its own thread. */
    boolean pauseUntil(BooleanSupplier isSo, long nanos) throws InterruptedException {
      if (isSo.getAsBoolean()) {
        return true;
      }
      over = isSo;
      try {
        pause(nanos);
        return over == null || isSo.getAsBoolean();
      } finally {
        over = null;
      }
    }

    @Override
    public void interrupt() {
      super.interrupt();
      if (Thread.currentThread() != this) {
        long sleep = sleeps;
        later.execute(() -> wake(sleep));
      }
    }

    void end() {
      ended = true;
      if (caught) {
        super.interrupt();
      }
      mayRun.release();
      if (Thread.currentThread() == this) {
        return;
      }
      try {
        join(END_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      while (true) {
        mayRun.acquireUninterruptibly();
        if (ended) {
          return;
        }
        try {
          work.run();
        } catch (Ended e) {
          return;
        } catch (Throwable e) { // or the loop would wait for ever
          thrown = e;
        }
        if (ended) {
          return; // somebody has caught it
        }
        work = () -> {};
        sleepNanos = -1;
        hasPaused.release();
      }
    }

    void pause(long nanos) throws InterruptedException {
      checkNotEnded(); // or somebody has caught it, and waits again
      sleepNanos = nanos;
      hasPaused.release();
      mayRun.acquireUninterruptibly();
      checkNotEnded();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }

    private void checkNotEnded() {
      if (!ended) {
        return;
      }
      while (ends == MOST_ENDS) {
        mayRun.acquireUninterruptibly(); // for ever
      }
      ends++;
      throw new Ended();
    }
  }

  /** Unwinds a thread that is to end. */
  private static final class Ended extends Error {
    private static final long serialVersionUID = 1L;
  }
}
