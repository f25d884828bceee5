package io.dormouse.callbacks;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that run pieces of work which may block. Any thread.
 *
 * <p>How many pieces run at once has a limit, and what comes beyond it waits in order. The limit
 * follows what the pieces do:
 *
 * <ul>
 *   <li><b>Few</b> at first: two threads are enough for callbacks that don't block, whatever the
 *       number of connections.
 *   <li><b>More</b> when the oldest piece has waited for {@value #SLOW_MILLIS} ms while pieces took
 *       long or none ended: then it doubles each millisecond. A hundred that begin to block at the
 *       same moment hold up others for some 10 ms, once. If pieces are quick but many, more threads
 *       would not help, and none come.
 *   <li><b>One more than run</b> when a piece ends and nothing waits. So while a hundred are
 *       blocked, the next piece has a thread at once.
 *   <li><b>Never more</b> than {@value #MOST}: if as many are blocked, the rest waits for one of
 *       them.
 * </ul>
 *
 * <p>The loop looks after what waits, by a timer that there is only while something waits. If the
 * system gives no thread, the timer tries again. A thread that was idle for a second ends. Memory
 * is had before anything is changed, so that where there is none, nothing is left half done.
 */
final class WorkerThreads implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.callbacks");

  static final int MOST = 512;
  static final long SLOW_MILLIS = 4;

  private static final int FEW = 2;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS);
  private static final long NEXT_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long NO_THREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A piece that takes this long on average is no quick one: a turn of a connection is half. */
  private static final long LONG_PIECE_NANOS = 2 * SerialExecutor.TURN_NANOS;

  private final Loop loop;
  private final String namePrefix;
  private final int fewest;
  private final Consumer<Thread> starter;

  private final Object lock = new Object(); // guards all that follows, and the fields of workers

  /** No {@code ArrayDeque}: the JDK's loses all it has when there is no memory to grow. */
  private final Queue<Piece> waiting = new ConcurrentLinkedQueue<>();

  private final List<Worker> workers =
      new ArrayList<>(); // those that have ended are taken out late
  private @Nullable Worker idle; // the latest to become so; the others follow it
  private int started; // ever
  private int running; // workers that run a piece or are about to take one
  private int limit;
  private boolean ending;
  private boolean refused; // the system gave no thread when it was asked last

  /** The loop has a timer that looks after what waits. */
  private boolean watched;

  // Since the timer looked last.
  private int finished;
  private long finishedNanos;

  /** Work that waits for a thread. */
  private record Piece(Runnable work, long sinceNanos) {}

  private WorkerThreads(Loop loop, String namePrefix, int fewest, Consumer<Thread> starter) {
    this.loop = loop;
    this.namePrefix = namePrefix;
    this.fewest = fewest;
    this.limit = fewest;
    this.starter = starter;
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
    return new WorkerThreads(loop, namePrefix, FEW, starter);
  }

  /**
   * Creates threads for work that most likely blocks, such as name look-ups: one for each piece.
   * Whoever hands it in sees to it that a connection has little of it at a time.
   */
  static WorkerThreads forBlockingWork(Loop loop, String namePrefix) {
    return new WorkerThreads(loop, namePrefix, MOST, Thread::start);
  }

  /** Returns whether the caller runs on one of these threads. */
  boolean isOneOfThese() {
    return Thread.currentThread() instanceof Worker worker && worker.isOf(this);
  }

  /** Returns whether the caller runs on such a thread, of whichever registry. */
  static boolean isOneOfAny() {
    return Thread.currentThread() instanceof Worker;
  }

  /**
   * Runs this on one of the threads; never refuses it, even after {@link #shutdown()}. Throws only
   * if there is no memory to keep it.
   */
  @Override
  public void execute(Runnable work) {
    Piece piece = new Piece(work, loop.nanoTime());
    Worker next = null;
    boolean watch;
    synchronized (lock) {
      waiting.add(piece);
      if (running < limit) {
        next = engage();
      }
      watch = next == null && becomesWatched();
    }
    if (next != null) {
      boolean unused = send(next);
    } else if (watch) {
      lookIn(SLOW_NANOS);
    }
  }

  /** Lets what waits run, and what comes after all, and ends each thread when it is idle. */
  void shutdown() {
    Worker next = null;
    synchronized (lock) {
      ending = true;
      limit = MOST; // the loop's timers run no more, so each thread has others started if need be
      watched = false;
      while (idle != null) {
        LockSupport.unpark(engage());
      }
      if (!waiting.isEmpty() && running < limit) {
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
      worker.doing = Doing.COMES;
    } else {
      try {
        worker = new Worker(this, namePrefix + (started + 1));
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
    boolean becomes = !watched && !waiting.isEmpty() && running < MOST && !ending;
    if (becomes) {
      watched = true;
      forgetFinished();
    }
    return becomes;
  }

  private void forgetFinished() {
    finished = 0;
    finishedNanos = 0;
  }

  /** Returns whether the pieces since the last look took so long that more threads would help. */
  private boolean piecesTakeLong() {
    return finishedNanos >= finished * LONG_PIECE_NANOS;
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
      WithoutMessage.log(log, namePrefix, "no thread for callbacks, they wait for one", why);
    }
    if (watch) {
      lookIn(NO_THREAD_NANOS);
    }
  }

  private void lookIn(long nanos) {
    try {
      if (loop.inLoop()) {
        Loop.Timer unused = loop.schedule(nanos, this::look);
      } else {
        loop.execute(() -> lookIn(nanos));
      }
    } catch (RejectedExecutionException e) { // the loop has just ended
      shutdown();
    } catch (Throwable e) { // no memory
      synchronized (lock) {
        watched = false; // the next piece tries again
      }
    }
  }

  /** Raises the limit if that helps what waits, and looks again until nothing does. Loop only. */
  private void look() {
    Worker next = null;
    long again;
    synchronized (lock) {
      Piece oldest = waiting.peek();
      if (oldest == null || running == MOST || ending) {
        watched = false;
        return;
      }
      long untilSlow = SLOW_NANOS - (loop.nanoTime() - oldest.sinceNanos);
      boolean grows = untilSlow <= 0 && piecesTakeLong();
      if (grows) {
        limit = Math.min(MOST, Math.max(fewest, 2 * running));
      }
      if (running < limit) {
        next = engage();
      }
      again = grows ? NEXT_STEP_NANOS : untilSlow > 0 ? untilSlow : SLOW_NANOS;
      forgetFinished();
    }
    lookIn(next == null || send(next) ? again : NO_THREAD_NANOS);
  }

  // --------------------------------------------------------------------------- the threads

  /** Returns the oldest piece that waits; null if the thread has nothing to do. */
  private @Nullable Runnable take(Worker worker) {
    long now = loop.nanoTime();
    Piece piece;
    boolean more = false;
    synchronized (lock) {
      if (worker.doing == Doing.RUNS) {
        finished++;
        finishedNanos += now - worker.sinceNanos;
      }
      worker.sinceNanos = now;
      piece = waiting.poll();
      if (piece != null) {
        more = worker.doing == Doing.COMES && !waiting.isEmpty() && running < limit;
        worker.doing = Doing.RUNS;
        refused = false;
      } else {
        running--;
        limit = ending ? MOST : Math.min(MOST, Math.max(fewest, running + 1));
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
        if (!waiting.isEmpty() && running < limit) {
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
      worker.doing = Doing.GOES;
    } else {
      worker.doing = Doing.IDLE;
      worker.nextIdle = idle;
      idle = worker;
    }
  }

  private void leave(Worker worker) {
    synchronized (lock) {
      if (worker.doing == Doing.IDLE) {
        removeIdle(worker);
        worker.doing = Doing.GOES;
      }
    }
  }

  private enum Doing {
    /** It was started or woken, and takes a piece next. */
    COMES,
    RUNS,
    IDLE,
    /** It ends. */
    GOES
  }

  /** A thread. Its fields are written with the lock held. */
  private static final class Worker extends Thread {
    private final WorkerThreads owner;
    private volatile Doing doing = Doing.COMES;
    private long sinceNanos;
    private @Nullable Worker nextIdle;

    Worker(WorkerThreads owner, String name) {
      super(name);
      this.owner = owner;
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
        WithoutMessage.log(log, getName(), "a piece of work threw", e);
      }
    }

    private void idle() {
      while (doing == Doing.IDLE) {
        boolean unused = interrupted(); // no sleep would last with it
        long left = sinceNanos + IDLE_NANOS - owner.loop.nanoTime();
        if (left > 0) {
          LockSupport.parkNanos(owner, left);
        } else {
          owner.leave(this);
        }
      }
    }
  }
}
