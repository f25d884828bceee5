package io.dormouse.callbacks;

import io.dormouse.log.LogLine;
import io.dormouse.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Threads that run pieces of work which may block. Any thread.
 *
 * <p>A {@link WorkLimit} says how many pieces run at once; what comes beyond it waits in order. A
 * hundred callbacks that begin to block at the same moment hold up others for some 10 ms, once.
 *
 * <p>The loop looks after what waits, by a timer that there is only while something waits. If the
 * system gives no thread, the timer tries again. A thread that was idle for a second ends. Memory
 * is allocated before anything is changed, so that where there is none, nothing is left half done.
 */
final class WorkerThreads implements Executor {
  private static final LogLine NO_THREAD =
      LogLine.appError(
          LoggerFactory.getLogger("io.dormouse.callbacks"),
          "{}: no thread for callbacks, they wait for one");

  private static final int FEW = 2;
  private static final long NO_THREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Loop loop;
  private final String namePrefix;
  private final WorkLimit limit; // guarded by lock
  private final Consumer<Thread> starter;
  private final Runnable look = this::look;
  private final Loop.Signal looking; // made beforehand: it is for when there is no memory

  private final Object lock = new Object(); // guards all that follows, and the fields of workers

  /** No {@code ArrayDeque}: the JDK's loses all it has when there is no memory to grow. */
  private final Queue<Piece> waiting = new ConcurrentLinkedQueue<>();

  private final List<Worker> workers =
      new ArrayList<>(); // those that have ended are taken out late
  private @Nullable Worker idle; // the latest to become so; the others follow it
  private int started; // ever
  private int running; // workers that run a piece or are about to take one
  private boolean ending;
  private boolean refused; // the system gave no thread when it was asked last

  /** The loop has a timer that looks after what waits. */
  private boolean watched;

  /** Work that waits for a thread. */
  private record Piece(Runnable work, long sinceNanos) {}

  private WorkerThreads(Loop loop, String namePrefix, WorkLimit limit, Consumer<Thread> starter) {
    this.loop = loop;
    this.namePrefix = namePrefix;
    this.limit = limit;
    this.starter = starter;
    this.looking = loop.signal(look);
  }

  /**
   * Creates threads for callbacks, which start as they are needed: few, as long as few are enough.
   *
   * @param loop has the clock, and looks after what waits
   */
  static WorkerThreads forCallbacks(Loop loop, String namePrefix) {
    return forCallbacks(loop, namePrefix, Thread::start);
  }

  /**
   * The same.
   *
   * @param starter starts a thread, or throws what the system throws if it gives none
   */
  static WorkerThreads forCallbacks(Loop loop, String namePrefix, Consumer<Thread> starter) {
    WorkLimit limit = new WorkLimit(FEW, WorkLimit.SHORT_PATIENCE_NANOS);
    return new WorkerThreads(loop, namePrefix, limit, starter);
  }

  /**
   * Creates threads for work that most likely blocks, such as name look-ups: one for each piece.
   * Whoever hands it in sees to it that a connection has little of it at a time.
   */
  static WorkerThreads forBlockingWork(Loop loop, String namePrefix) {
    WorkLimit limit = new WorkLimit(WorkLimit.MOST, WorkLimit.SHORT_PATIENCE_NANOS);
    return new WorkerThreads(loop, namePrefix, limit, Thread::start);
  }

  /**
   * Creates threads for work that computes, such as that of a TLS handshake: one for each
   * processor, and at least two. Code of the app that runs within it and blocks has more started.
   */
  static WorkerThreads forComputing(Loop loop, String namePrefix) {
    int fewest = Math.max(FEW, Runtime.getRuntime().availableProcessors());
    WorkLimit limit = new WorkLimit(fewest, WorkLimit.LONG_PATIENCE_NANOS);
    return new WorkerThreads(loop, namePrefix, limit, Thread::start);
  }

  /** Returns whether the caller runs on one of these threads. */
  boolean isOneOfThese() {
    return Thread.currentThread() instanceof Worker worker && worker.isOf(this);
  }

  /**
   * Runs this on one of the threads; never refuses it, even after {@link #shutdown()}. Throws only
   * if there is no memory to keep it.
   */
  @Override
  public void execute(Runnable work) {
    Piece piece = new Piece(work, loop.nanoTime());
    Worker next = null;
    long firstLook = 0;
    boolean sure;
    synchronized (lock) {
      waiting.add(piece);
      if (limit.allowsBeside(running)) {
        next = engage();
      }
      if (next == null && becomesWatched()) {
        firstLook = limit.firstLook();
      }
      sure = watched || running > 0;
    }
    if (next != null) {
      sure = send(next);
    } else if (firstLook > 0) {
      lookIn(firstLook);
    }
    if (!sure) {
      refuseIfNobodyComesFor(piece);
    }
  }

  private void refuseIfNobodyComesFor(Piece piece) {
    synchronized (lock) {
      if (watched || running > 0 || !waiting.remove(piece)) {
        return;
      }
    }
    throw new OutOfMemoryError("no thread for a piece of work, and no memory to wait for one");
  }

  /** Lets what waits run, and what comes after all, and ends each thread when it is idle. */
  void shutdown() {
    Worker next = null;
    synchronized (lock) {
      ending = true;
      limit.unlimited(); // the loop's timers run no more: each thread has others started
      watched = false;
      while (idle != null) {
        LockSupport.unpark(engage());
      }
      if (!waiting.isEmpty() && limit.allowsBeside(running)) {
        next = engage();
      }
    }
    if (next != null) {
      boolean unused = send(next);
    }
  }

  /** Waits until the threads are gone. Returns false if they were not within the timeout. */
  boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = loop.nanoTime() + unit.toNanos(timeout);
    for (Thread thread = anyAlive(); thread != null; thread = anyAlive()) {
      TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - loop.nanoTime()));
      if (deadline - loop.nanoTime() <= 0 && anyAlive() != null) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Thread anyAlive() {
    synchronized (lock) {
      workers.removeIf(Worker::hasEnded);
      return workers.isEmpty() ? null : workers.get(0);
    }
  }

  // -------------------------------------------------------------------------- with the lock held

  /**
   * Returns a thread that is to take the oldest piece, for {@link #send} when the lock is free;
   * null if there is no memory.
   */
  private @Nullable Worker engage() {
    Worker worker = idle;
    if (worker != null) {
      idle = worker.nextIdle;
      worker.nextIdle = null;
      worker.doing = Worker.Doing.COMES;
    } else {
      try {
        worker = new Worker(this, loop::nanoTime, namePrefix + (started + 1));
        workers.removeIf(Worker::hasEnded);
        workers.add(worker);
      } catch (OutOfMemoryError e) {
        return null;
      }
      started++;
    }
    running++;
    return worker;
  }

  /** Returns whether the caller has to start the timer. */
  private boolean becomesWatched() {
    boolean becomes = !watched && !waiting.isEmpty() && running < WorkLimit.MOST && !ending;
    watched |= becomes;
    return becomes;
  }

  private void removeIdle(Worker gone) {
    if (idle == gone) {
      idle = gone.nextIdle;
    }
    for (Worker worker = idle; worker != null; worker = worker.nextIdle) {
      if (worker.nextIdle == gone) {
        worker.nextIdle = gone.nextIdle;
      }
    }
  }

  // --------------------------------------------------------------------------- what waits

  /** Has a thread go to work. Returns false if the system gives none. */
  private boolean send(Worker worker) {
    if (worker.isAlive()) { // it was idle
      LockSupport.unpark(worker);
      return true;
    }
    try {
      starter.accept(worker);
      return true;
    } catch (Throwable e) { // no memory, which also means: no more threads
      notStarted(worker, e);
      return false;
    }
  }

  private void notStarted(Worker worker, Throwable why) {
    boolean news;
    boolean watch;
    synchronized (lock) {
      workers.remove(worker);
      running--;
      news = !refused;
      refused = true;
      watch = becomesWatched();
    }
    if (news) {
      NO_THREAD.write(namePrefix, why);
    }
    if (watch) {
      lookIn(NO_THREAD_NANOS);
    }
  }

  /** Has the loop look after what waits, after a while or, where there is no memory, at once. */
  private void lookIn(long nanos) {
    try {
      if (loop.inLoop()) {
        Loop.Timer unused = loop.schedule(nanos, look);
      } else {
        loop.execute(() -> lookIn(nanos));
      }
    } catch (RejectedExecutionException e) { // the loop has just ended
      shutdown();
    } catch (OutOfMemoryError e) {
      looking.raise();
    }
  }

  /** Raises the limit if that helps what waits, and looks again until nothing does. Loop only. */
  private void look() {
    Worker next = null;
    long again;
    synchronized (lock) {
      Piece oldest = waiting.peek();
      if (oldest == null || running == WorkLimit.MOST || ending) {
        watched = false;
        return;
      }
      again = limit.look(running, loop.nanoTime() - oldest.sinceNanos);
      if (limit.allowsBeside(running)) {
        next = engage();
      }
    }
    lookIn(next == null || send(next) ? again : NO_THREAD_NANOS);
  }

  // --------------------------------------------------------------------------- the threads

  /** Returns the oldest piece that waits; null if the thread has nothing to do. */
  @Nullable Runnable take(Worker worker) {
    long now = loop.nanoTime();
    Piece piece;
    boolean more = false;
    synchronized (lock) {
      if (worker.doing == Worker.Doing.RUNS) {
        limit.ended(now - worker.sinceNanos);
      }
      worker.sinceNanos = now;
      piece = waiting.poll();
      if (piece != null) {
        more =
            worker.doing == Worker.Doing.COMES && !waiting.isEmpty() && limit.allowsBeside(running);
        worker.doing = Worker.Doing.RUNS;
        refused = false;
      } else {
        running--;
        if (!ending) {
          limit.nothingWaits(running);
        }
        rest(worker);
      }
    }
    if (more) {
      engageMore();
    }
    return piece == null ? null : piece.work;
  }

  /** Each thread that comes has two others come, so that many are there after few steps. */
  private void engageMore() {
    for (int i = 0; i < 2; i++) {
      Worker next = null;
      synchronized (lock) {
        if (!waiting.isEmpty() && limit.allowsBeside(running)) {
          next = engage();
        }
      }
      if (next == null || !send(next)) {
        return;
      }
    }
  }

  /** With the lock held. */
  private void rest(Worker worker) {
    if (ending) {
      worker.doing = Worker.Doing.GOES;
    } else {
      worker.doing = Worker.Doing.IDLE;
      worker.nextIdle = idle;
      idle = worker;
    }
  }

  void leave(Worker worker) {
    synchronized (lock) {
      if (worker.doing == Worker.Doing.IDLE) {
        removeIdle(worker);
        worker.doing = Worker.Doing.GOES;
      }
    }
  }
}
