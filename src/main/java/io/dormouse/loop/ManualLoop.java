package io.dormouse.loop;

import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The twin of {@link SelectorLoop} with virtual time: nothing runs until the test calls {@link
 * #run} or {@link #advance}, and then it runs on the test's thread, in iterations like the real
 * one's: first the timers that are due, then the tasks that had been handed in when it began, then
 * what was left to its end, and at last what runs inline.
 */
public final class ManualLoop implements Loop, InlineRuns {
  /** A loop that is not idle after so many iterations never will be. */
  private static final int MOST_ITERATIONS = 100_000;

  /** So long may work run inline after one iteration. */
  private static final long INLINE_NANOS = Duration.ofMillis(1).toNanos();

  private final TimerQueue timers = new TimerQueue();
  private final List<NewTimer> madeByTimers = new ArrayList<>();
  private boolean runningTimers;
  private final List<Runnable> atEnd = new ArrayList<>();
  private final List<Inline> inline = new ArrayList<>();
  private final List<Throwable> thrown = new ArrayList<>();

  private final Signals signals = new Signals(() -> {});

  private final Object lock = new Object();
  private List<Runnable> incoming = new ArrayList<>(); // guarded by lock
  private boolean stopping; // guarded by lock
  private boolean ended; // guarded by lock
  private int outOfMemory; // guarded by lock

  private volatile @Nullable Waiting waiting;
  private volatile long now;
  private volatile @Nullable Thread runner;

  private record Inline(Runnable work, Executor otherwise) {}

  /** Creates a loop whose clock starts at an odd time. */
  public ManualLoop() {
    this(-7_000_000_001L);
  }

  /**
   * Creates a loop.
   *
   * @param startNanos where the clock starts; it may wrap around, as the system's may
   */
  public ManualLoop(long startNanos) {
    now = startNanos;
  }

  /** How another thread waits by this loop's clock. */
  @FunctionalInterface
  public interface Waiting {
    /** Waits until it is so, and so long at most. Returns whether it is so. */
    boolean await(BooleanSupplier over, long nanos) throws InterruptedException;
  }

  /** Says how others wait; in real time if this is not called. */
  public void waitBy(Waiting waiting) {
    this.waiting = waiting;
  }

  @Override
  public boolean acquire(Semaphore permits, long nanos) throws InterruptedException {
    Waiting by = waiting;
    return by == null ? Loop.super.acquire(permits, nanos) : by.await(permits::tryAcquire, nanos);
  }

  /** Runs iterations until no task is left and no timer is due. */
  public void run() {
    if (inLoop()) {
      throw new IllegalStateException("a task on the loop can't run the loop");
    }
    for (int iterations = 0; hasWork(); iterations++) {
      if (iterations == MOST_ITERATIONS) {
        throw new AssertionError("not idle after " + iterations + " iterations at one time");
      }
      runner = Thread.currentThread();
      try {
        runIteration();
      } finally {
        runner = null;
      }
      runWhatIsInline();
    }
  }

  private void runWhatIsInline() {
    List<Inline> batch = List.copyOf(inline);
    inline.clear();
    long begin = now;
    for (Inline next : batch) {
      if (now - begin < INLINE_NANOS) {
        runSafely(next.work());
        boolean unused = Thread.interrupted();
      } else {
        next.otherwise().execute(next.work());
      }
    }
  }

  /** Lets time pass, and runs everything when it is due. */
  public void advance(Duration time) {
    long end = now + time.toNanos();
    run();
    for (OptionalLong next = nanosToNextTimer();
        next.isPresent() && next.getAsLong() <= end - now && !hasEnded();
        next = nanosToNextTimer()) {
      pass(next.getAsLong());
      run();
    }
    now = end;
  }

  /** Lets time pass with nothing running, as when the machine is busy elsewhere. */
  public void stall(Duration time) {
    pass(time.toNanos());
  }

  private void pass(long nanos) {
    long then = now;
    now = then + nanos; // only the test's own thread writes it
  }

  /** Returns how long until the next timer; empty if there is none. */
  public OptionalLong nanosToNextTimer() {
    return timers.size() == 0 ? OptionalLong.empty() : OptionalLong.of(timers.nanosToFirst(now));
  }

  /** Returns how many timers wait. */
  public int pendingTimers() {
    return timers.size();
  }

  /** Returns how many tasks wait. */
  public int pendingTasks() {
    synchronized (lock) {
      return incoming.size();
    }
  }

  /** Returns what tasks and timers have thrown. */
  public List<Throwable> thrown() {
    return List.copyOf(thrown);
  }

  /** Ends the loop: the next {@link #run} runs what was accepted, and is the last. */
  public void stop() {
    synchronized (lock) {
      stopping = true;
    }
  }

  /** Returns whether it was stopped and has run what was accepted. */
  public boolean hasEnded() {
    synchronized (lock) {
      return ended;
    }
  }

  /** The next tasks, so many of them, find no memory to be handed in or left to the end. */
  public void runOutOfMemory(int times) {
    synchronized (lock) {
      outOfMemory = times;
    }
  }

  /** Returns whether {@link #run} would run anything now. */
  public boolean hasWork() {
    synchronized (lock) {
      if (ended) {
        return false;
      } else if (stopping || !incoming.isEmpty() || !signals.isEmpty()) {
        return true;
      }
    }
    return timers.size() > 0 && timers.nanosToFirst(now) == 0;
  }

  private void runIteration() {
    runningTimers = true;
    for (Runnable due = timers.pollDue(now); due != null; due = timers.pollDue(now)) {
      runSafely(due);
    }
    runningTimers = false;
    // Time stands still here. A real clock would have gone on, and so a timer that is made by a
    // timer is never due in the same iteration.
    madeByTimers.forEach(NewTimer::enter);
    madeByTimers.clear();
    List<Runnable> batch;
    boolean last;
    synchronized (lock) {
      batch = incoming;
      incoming = new ArrayList<>();
      last = stopping;
    }
    batch.forEach(this::runSafely);
    signals.run(thrown::add);
    for (int i = 0; i < atEnd.size(); i++) {
      runSafely(atEnd.get(i));
    }
    atEnd.clear();
    if (last) {
      synchronized (lock) {
        ended = true;
      }
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      thrown.add(e);
    }
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (lock) {
      if (stopping) {
        throw new RejectedExecutionException("the loop has ended");
      }
      takeMemory();
      incoming.add(task);
    }
  }

  private void takeMemory() {
    synchronized (lock) {
      if (outOfMemory > 0) {
        outOfMemory--;
        throw new OutOfMemoryError("on purpose");
      }
    }
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    checkInLoop();
    long due = now + Math.max(0, delayNanos);
    if (!runningTimers) {
      return timers.add(due, task);
    }
    NewTimer timer = new NewTimer(due, task);
    madeByTimers.add(timer);
    return timer;
  }

  @Override
  public void atIterationEnd(Runnable task) {
    checkInLoop();
    takeMemory();
    atEnd.add(task);
  }

  @Override
  public Signal signal(Runnable task) {
    return signals.of(task);
  }

  @Override
  public void runInline(Runnable work, Executor otherwise) {
    checkInLoop();
    inline.add(new Inline(work, otherwise));
  }

  @Override
  public Registration register(SelectableChannel channel, int ops, Handler handler) {
    checkInLoop();
    throw new UnsupportedOperationException("virtual time has no sockets");
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == runner;
  }

  /** A timer that joins the others after this iteration's timers have run. */
  private final class NewTimer implements Timer {
    private final long due;
    private final Runnable task;
    private @Nullable Timer entered;
    private boolean cancelled;

    NewTimer(long due, Runnable task) {
      this.due = due;
      this.task = task;
    }

    void enter() {
      if (!cancelled) {
        entered = timers.add(due, task);
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      if (entered != null) {
        entered.cancel();
      }
    }
  }
}
