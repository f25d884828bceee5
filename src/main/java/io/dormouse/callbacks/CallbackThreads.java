package io.dormouse.callbacks;

import io.dormouse.loop.Loop;
import java.util.ArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for callbacks. Two are enough for those that don't block, whatever the number of
 * connections; and there are always two that are not stuck, so that a callback that blocks holds up
 * no other connection's. Any thread.
 *
 * <ul>
 *   <li>A piece of work goes to a thread that is idle. If there is none, and fewer than two of the
 *       others get on with theirs, a new one is started; otherwise the piece waits.
 *   <li>A thread whose piece takes longer than {@value #STUCK_MILLIS} ms is stuck, and doesn't
 *       count any more. So while a hundred block, the next piece finds a thread at once.
 *   <li>While something waits, the loop looks after it. If the oldest has waited for {@value
 *       #SLOW_MILLIS} ms, and threads take long over each piece, then more threads come, twice as
 *       many each millisecond: a hundred callbacks that begin to block at the same moment hold up
 *       others for some 10 ms. If the pieces are quick but many, more threads would not help.
 *   <li>A thread that was idle for a second goes. When nothing waits nobody looks.
 *   <li>There are at most {@value #MOST}. If as many are stuck, all else waits until one is free.
 *   <li>If the system gives no thread, what waits is tried again until it does.
 * </ul>
 */
final class CallbackThreads implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.callbacks");

  static final int MOST = 512;
  static final long STUCK_MILLIS = 5;
  static final long SLOW_MILLIS = 4;

  private static final int NORMAL = 2;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(STUCK_MILLIS);
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS);
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long NO_THREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** From here on a piece takes long: twice the time after which a connection's turn ends. */
  private static final long LONG_PIECE_NANOS = 2 * SerialExecutor.TURN_NANOS;

  private final Loop loop;
  private final String namePrefix;
  private final Consumer<Thread> starter;
  private final Object lock = new Object();
  private volatile boolean ending;

  // Guarded by the lock. Memory is had before anything is changed, so that where there is none,
  // nothing is left half done.
  private final ArrayList<Worker> workers = new ArrayList<>();
  private final ArrayList<Worker> idle = new ArrayList<>(); // the latest to become so comes last
  private final ArrayList<Thread> leaving = new ArrayList<>(); // no work, may still be alive
  private int started; // ever
  private int wanted; // threads that are to be started, by whoever starts one
  private boolean noThread; // the system gave none when it was asked last
  private @Nullable Piece oldest;
  private @Nullable Piece youngest;
  private int waiting;
  private long finished; // ever

  // Guarded by the lock: what those know who look after what waits.
  private boolean watched;
  private int lastGrowth;
  private long lookedNanos;
  private long finishedBefore;

  /** Work that waits for a thread. */
  private static final class Piece {
    final Runnable work;
    final long sinceNanos;
    @Nullable Piece next;

    Piece(Runnable work, long sinceNanos) {
      this.work = work;
      this.sinceNanos = sinceNanos;
    }
  }

  /**
   * Creates threads, which start as they are needed.
   *
   * @param loop has the clock, and looks after what waits
   */
  CallbackThreads(Loop loop, String namePrefix) {
    this(loop, namePrefix, Thread::start);
  }

  /**
   * Creates threads, as above.
   *
   * @param starter starts a thread, or throws what the system throws if it gives none
   */
  CallbackThreads(Loop loop, String namePrefix, Consumer<Thread> starter) {
    this.loop = loop;
    this.namePrefix = namePrefix;
    this.starter = starter;
  }

  /** Returns whether the caller runs on one of these threads. */
  boolean isOneOfThese() {
    return Thread.currentThread() instanceof Worker worker && worker.isOf(this);
  }

  /** Returns whether the caller runs on such a thread, of whichever registry. */
  static boolean isOneOfAny() {
    return Thread.currentThread() instanceof Worker;
  }

  /** Runs this on one of the threads; never refuses it, even after {@link #shutdown()}. */
  @Override
  public void execute(Runnable work) {
    long now = loop.nanoTime();
    Worker free;
    boolean more = false;
    boolean watch = false;
    synchronized (lock) {
      free = idle.isEmpty() ? null : idle.remove(idle.size() - 1);
      if (free != null) {
        free.give(work, now);
      } else {
        add(new Piece(work, now));
        more = wanted == 0 && missing(now) > 0;
        if (more) {
          wanted = 1;
        }
        watch = becomesWatched(now);
      }
    }
    if (free != null) {
      LockSupport.unpark(free);
    }
    if (more) {
      startWanted();
    }
    if (watch) {
      watch();
    }
  }

  /** Lets what waits run, and what comes after all, and ends the threads when nothing is left. */
  void shutdown() {
    boolean watch;
    synchronized (lock) {
      ending = true;
      for (Worker worker : idle) {
        workers.remove(worker);
        leaving.add(worker);
        worker.dismiss();
      }
      idle.clear();
      watched = false; // the loop may have ended, so another looks from now on
      watch = becomesWatched(loop.nanoTime());
    }
    if (watch) {
      watch();
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
      leaving.removeIf(thread -> !thread.isAlive());
      return !workers.isEmpty() ? workers.get(0) : leaving.isEmpty() ? null : leaving.get(0);
    }
  }

  // -------------------------------------------------------------------------- with the lock held

  private void add(Piece piece) {
    if (youngest == null) {
      oldest = piece;
    } else {
      youngest.next = piece;
    }
    youngest = piece;
    waiting++;
  }

  private @Nullable Runnable poll() {
    Piece first = oldest;
    if (first == null) {
      return null;
    }
    oldest = first.next;
    if (oldest == null) {
      youngest = null;
    }
    waiting--;
    return first.work;
  }

  private int notStuck(long now, int enough) {
    int count = 0;
    for (int i = 0; i < workers.size() && count < enough; i++) {
      if (!workers.get(i).isStuck(now)) {
        count++;
      }
    }
    return count;
  }

  /** Returns how many threads are to be started so that two get on with their work. */
  private int missing(long now) {
    return Math.min(NORMAL - notStuck(now, NORMAL), MOST - workers.size());
  }

  /** Returns how many threads are to be started so that the oldest piece gets one. */
  private int growth(Piece first, long now) {
    if (now - first.sinceNanos < SLOW_NANOS) {
      return 0;
    }
    long busyNanos = (now - lookedNanos) * Math.max(1, notStuck(now, MOST));
    boolean takesLong = busyNanos >= (finished - finishedBefore) * LONG_PIECE_NANOS;
    return takesLong ? Math.min(Math.max(NORMAL, 2 * lastGrowth), MOST - workers.size()) : 0;
  }

  /** Returns whether the caller has to see to it that somebody looks after what waits. */
  private boolean becomesWatched(long now) {
    boolean needed = waiting > wanted && workers.size() < MOST;
    if (watched || !needed) {
      return false;
    }
    watched = true;
    looked(now, 0);
    return true;
  }

  private void looked(long now, int growth) {
    lookedNanos = now;
    lastGrowth = growth;
    finishedBefore = finished;
  }

  private void leave(Worker worker) {
    workers.remove(worker);
    leaving.add(worker);
  }

  // ------------------------------------------------------------------------------ what waits

  private void watch() {
    try {
      if (ending) {
        watchByThread();
      } else if (loop.inLoop()) {
        lookIn(SLOW_NANOS);
      } else {
        loop.execute(() -> lookIn(SLOW_NANOS));
      }
    } catch (RejectedExecutionException e) { // the loop has just ended
      watchByThread();
    } catch (Throwable e) { // no memory
      stopWatching(e);
    }
  }

  private void stopWatching(Throwable why) {
    synchronized (lock) {
      watched = false; // the next piece tries again
    }
    WithoutMessage.log(log, namePrefix, "callbacks may wait for others", why);
  }

  private void lookIn(long nanos) {
    try {
      Loop.Timer unused = loop.schedule(nanos, this::lookOnTheLoop);
    } catch (Throwable e) { // no memory
      stopWatching(e);
    }
  }

  private void lookOnTheLoop() {
    long next = ending ? 0 : look();
    if (next > 0) {
      lookIn(next);
    }
  }

  /** At the end, when the loop runs no timers any more. */
  private void watchByThread() {
    Thread watcher =
        new Thread(
            () -> {
              for (long next = SOON_NANOS; next > 0; next = look()) {
                LockSupport.parkNanos(CallbackThreads.this, next);
              }
            },
            namePrefix + "watch");
    watcher.setDaemon(true);
    synchronized (lock) {
      starter.accept(watcher);
      leaving.add(watcher);
    }
  }

  /** Starts threads if they are needed. Returns when to look again, 0 if there is no need to. */
  private long look() {
    boolean more;
    long next;
    synchronized (lock) {
      Piece first = oldest;
      if (first == null || workers.size() == MOST) {
        watched = false;
        return 0;
      }
      long now = loop.nanoTime();
      int growth = Math.min(growth(first, now), waiting);
      wanted = Math.max(growth, Math.min(missing(now), waiting));
      more = wanted > 0;
      long untilSlow = SLOW_NANOS - (now - first.sinceNanos);
      next = more || untilSlow > 0 ? Math.max(SOON_NANOS, untilSlow) : SLOW_NANOS;
      looked(now, growth);
    }
    return more && !startWanted() ? NO_THREAD_NANOS : next;
  }

  // ----------------------------------------------------------------------------- the threads

  /**
   * Starts one of the threads that are wanted; it starts others, since each takes its time and the
   * caller may be the loop. Returns false if the system gives none.
   */
  private boolean startWanted() {
    Worker worker = null;
    try {
      synchronized (lock) {
        if (wanted == 0) {
          return true;
        }
        worker = new Worker(this, namePrefix + (started + 1));
        leaving.removeIf(gone -> !gone.isAlive());
        leaving.ensureCapacity(leaving.size() + workers.size() + 1);
        idle.ensureCapacity(workers.size() + 1);
        workers.add(worker);
        started++;
        wanted--;
      }
      starter.accept(worker);
      noThread = false;
      return true;
    } catch (Throwable e) { // no memory, which also means: no more threads
      noThread(worker, e);
      return false;
    }
  }

  /** Each new thread starts two others, so that many are there after few steps. */
  private void startMore() {
    for (int i = 0; i < 2 && startWanted(); i++) {}
  }

  private void noThread(@Nullable Worker unstarted, Throwable why) {
    boolean news;
    boolean watch;
    synchronized (lock) {
      workers.remove(unstarted);
      wanted = 0;
      news = !noThread;
      noThread = true;
      watch = becomesWatched(loop.nanoTime());
    }
    if (news) {
      WithoutMessage.log(log, namePrefix, "no thread for callbacks, they wait for one", why);
    }
    if (watch) {
      watch();
    }
  }

  private @Nullable Runnable next(Worker worker) {
    long now = loop.nanoTime();
    synchronized (lock) {
      if (worker.isBusy()) {
        finished++;
      }
      Runnable work = poll();
      if (work != null) {
        worker.begin(now);
        return work;
      }
      worker.rest();
      if (ending) {
        leave(worker);
        return null;
      }
      idle.add(worker);
    }
    return worker.awaitWork(now + IDLE_NANOS);
  }

  /** Returns whether the thread has to go, since nobody needed it; false if it was just given. */
  private boolean goes(Worker worker) {
    synchronized (lock) {
      boolean wasIdle = idle.remove(worker);
      if (wasIdle) {
        leave(worker);
      }
      return wasIdle;
    }
  }

  /** A thread, and what it does. What it does is guarded by the lock. */
  private static final class Worker extends Thread {
    private final CallbackThreads owner;
    private boolean busy;
    private long beganNanos;
    private volatile @Nullable Runnable given;
    private volatile boolean dismissed;

    Worker(CallbackThreads owner, String name) {
      super(name);
      this.owner = owner;
      setDaemon(true);
    }

    boolean isOf(CallbackThreads threads) {
      return owner == threads;
    }

    boolean isBusy() {
      return busy;
    }

    boolean isStuck(long now) {
      return busy && now - beganNanos >= STUCK_NANOS;
    }

    void give(Runnable work, long now) {
      begin(now);
      given = work;
    }

    void begin(long now) {
      busy = true;
      beganNanos = now;
    }

    void rest() {
      busy = false;
    }

    void dismiss() {
      dismissed = true;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      owner.startMore();
      for (Runnable work = owner.next(this); work != null; work = owner.next(this)) {
        boolean unused = interrupted(); // by work of others
        try {
          work.run();
        } catch (Throwable e) {
          WithoutMessage.log(log, getName(), "a piece of work threw", e);
        }
      }
    }

    @Nullable Runnable awaitWork(long untilNanos) {
      while (true) {
        Runnable work = given;
        if (work != null) {
          given = null;
          return work;
        }
        long left = untilNanos - owner.loop.nanoTime();
        if (dismissed || (left <= 0 && owner.goes(this))) {
          return null;
        }
        boolean unused = interrupted(); // no sleep would last with it
        LockSupport.parkNanos(owner, left);
      }
    }
  }
}
