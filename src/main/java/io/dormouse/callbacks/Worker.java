package io.dormouse.callbacks;

import io.dormouse.log.LogLine;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs pieces of work, and ends when it was idle for a second. Its fields are written
 * with its owner's lock held.
 */
final class Worker extends Thread {
  private static final LogLine WORK_THREW =
      LogLine.appError(
          LoggerFactory.getLogger("io.dormouse.callbacks"), "{}: a piece of work threw");

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What it does. */
  enum Doing {
    /** It was started or woken, and takes a piece next. */
    COMES,
    RUNS,
    IDLE,
    /** It ends. */
    GOES
  }

  private final WorkerThreads owner;
  private final LongSupplier clock;
  volatile Doing doing = Doing.COMES;
  long sinceNanos;
  @Nullable Worker nextIdle;

  Worker(WorkerThreads owner, LongSupplier clock, String name) {
    super(name);
    this.owner = owner;
    this.clock = clock;
    setDaemon(true);
  }

  boolean isOf(WorkerThreads threads) {
    return owner == threads;
  }

  boolean hasEnded() {
    return getState() == State.TERMINATED;
  }

  @Override
  public void run() {
    while (doing != Doing.GOES) {
      Runnable work = owner.take(this);
      if (work != null) {
        runSafely(work);
      } else {
        idle();
      }
    }
  }

  private void runSafely(Runnable work) {
    boolean unused = interrupted(); // by the piece before
    try {
      work.run();
    } catch (Throwable e) {
      WORK_THREW.write(getName(), e);
    }
  }

  private void idle() {
    while (doing == Doing.IDLE) {
      boolean unused = interrupted(); // no sleep would last with it
      long left = sinceNanos + IDLE_NANOS - clock.getAsLong();
      if (left > 0) {
        LockSupport.parkNanos(owner, left);
      } else {
        owner.leave(this);
      }
    }
  }
}
