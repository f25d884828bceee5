package io.dormouse.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads whose work may wait for the simulated clock. Only one thread runs at any time, the loop's
 * included: a worker goes on when the loop lets it, and the loop waits until the worker sleeps or
 * has done its work. So a run stays the same each time, although there are threads.
 */
public final class BlockingWork implements Executor {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final SimulatedNetwork network;
  private final List<Worker> idle = new ArrayList<>();
  private final List<Worker> all = new ArrayList<>();
  private int busy;

  BlockingWork(SimulatedNetwork network) {
    this.network = network;
  }

  /** Has a worker do this in a later iteration of the loop. */
  @Override
  public void execute(Runnable work) {
    busy++;
    network.execute(
        () -> {
          Worker worker = idle.isEmpty() ? new Worker() : idle.remove(idle.size() - 1);
          worker.begin(work);
        });
  }

  /** Returns how many pieces of work are not done. */
  public int pending() {
    return busy;
  }

  /**
   * Lets time of the simulated clock pass. For work of this executor only.
   *
   * @throws InterruptedException if the thread is interrupted, as soon as the loop comes to it
   */
  public void sleep(Duration time) throws InterruptedException {
    if (!(Thread.currentThread() instanceof Worker worker) || worker.owner() != this) {
      throw new IllegalStateException("only work that may block can wait for the simulated clock");
    }
    worker.pause(time.toNanos());
  }

  /** Ends the threads; what is asleep on them never wakes. */
  void close() {
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
    private boolean ended;

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
      hasPaused.acquireUninterruptibly();
      if (sleepNanos >= 0) {
        asleep = true;
        long sleep = ++sleeps;
        network.after(sleepNanos, () -> wake(sleep));
      } else {
        busy--;
        idle.add(this);
      }
    }

    private void wake(long sleep) {
      if (asleep && sleep == sleeps) {
        asleep = false;
        goOn();
      }
    }

    @Override
    public void interrupt() {
      super.interrupt();
      if (Thread.currentThread() != this) {
        long sleep = sleeps;
        network.execute(() -> wake(sleep));
      }
    }

    void end() {
      ended = true;
      mayRun.release();
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
      sleepNanos = nanos;
      hasPaused.release();
      mayRun.acquireUninterruptibly();
      if (ended) {
        throw new Ended();
      } else if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Unwinds a thread that is to end. */
  private static final class Ended extends Error {
    private static final long serialVersionUID = 1L;
  }
}
