package io.dormouse.loop;

import io.dormouse.log.LogLine;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop with a selector and a clock, the system's as a rule, on a thread of its own; on another
 * one, if work that runs inline takes long.
 *
 * <p>An iteration: wait for channels, tasks or a timer; handle the channels that are ready; run the
 * tasks that were there; run the timers that are due; run what was left to the end of the
 * iteration; and then, not on the loop, what is to run inline. Timers are looked at between
 * channels and between tasks as well, so that one which is due, such as a hard close, comes in time
 * however much there is to read.
 */
public final class SelectorLoop implements Loop, InlineRuns {
  private static final Logger log = LoggerFactory.getLogger(SelectorLoop.class);

  /**
   * So long may work run inline after one iteration; what is left then goes elsewhere. It is what
   * channels and timers wait for at most, beyond one piece of work.
   */
  private static final long INLINE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int TASKS_BETWEEN_TIMERS = 64;

  private final WatchedChannels channels;
  private final LoopThreads threads;
  private final Signals signals = new Signals(this::wakeUpFromElsewhere);
  private final TimerQueue timers = new TimerQueue(); // loop only
  private final CountDownLatch ended = new CountDownLatch(1);

  private final Object lock = new Object();
  private List<Runnable> incoming = new ArrayList<>(); // guarded by lock
  private boolean stopping; // guarded by lock
  private List<Runnable> batch = new ArrayList<>(); // loop only: this iteration's tasks
  private final List<Runnable> atEnd = new ArrayList<>(); // loop only: of this iteration
  private final BusyPoll busyPoll = new BusyPoll(Runtime.getRuntime().availableProcessors());
  private final List<Inline> inline = new ArrayList<>(); // loop only: runs after the iteration
  private int inlineDone; // loop only: so many of these have begun
  private boolean last; // loop only: no iteration comes after this one
  private long timersBefore; // loop only: so many timers were made before this iteration

  /** False only while the loop sleeps or is about to: then a new task must wake it, once. */
  private final AtomicBoolean awake = new AtomicBoolean(true);

  private static final LogLine NO_MEMORY =
      LogLine.error(log, "no memory for the loop, which tries again");
  private static final LogLine SELECTOR_FAILED =
      LogLine.error(log, "the selector failed; no connection of this registry works any more");
  static final LogLine NOT_CLOSED = LogLine.error(log, "the selector did not close");
  static final LogLine HANDLER_THREW = LogLine.error(log, "an I/O handler threw");
  private static final LogLine TASK_THREW = LogLine.error(log, "a task on the loop's thread threw");
  static final LogLine CLOSED_BY_ANOTHER =
      LogLine.debug(log, "a channel was closed by the handler of another");
  private static final LogLine EXECUTOR_REFUSES =
      LogLine.debug(log, "an executor refuses work, the loop's thread does it");
  private static final LogLine INTERRUPTED =
      LogLine.debug(
          log, "an interrupt means nothing here, and no select sleeps before it is cleared");

  private static final LogLine NOT_REPLACED =
      LogLine.debug(log, "a selector that had no memory could not be replaced yet");

  private final Runnable runDueTimers = this::runDueTimers;
  private final Consumer<Throwable> reportTask = TASK_THREW::write;
  private final Runnable onEnd;

  private record Inline(Runnable work, Executor otherwise) {}

  private final LongSupplier clock;

  /**
   * How long it, or a thread that waits by its clock, waits at most. The system's wait leaves the
   * device's sleep out, so with a clock that counts sleep it would be too long after one.
   */
  private final long longestWaitMillis;

  private static final long SLEEP_AWARE_WAIT_MILLIS = 1_000;

  private SelectorLoop(String threadName, Selector selector, LongSupplier clock, Runnable onEnd) {
    this.channels = new WatchedChannels(selector);
    this.clock = clock;
    this.longestWaitMillis =
        clock instanceof SleepAwareClock ? SLEEP_AWARE_WAIT_MILLIS : Long.MAX_VALUE;
    this.onEnd = onEnd;
    channels.wakeUp(); // while there is memory, which the JVM needs to link what that is in
    threads = new LoopThreads(threadName, this, this::runIterations);
  }

  /**
   * Starts a loop.
   *
   * @param threadName the name of its thread, and what that of another begins with
   * @param onEnd runs as the very last on the loop's thread; only what a loop that fails had
   *     accepted before comes after it
   * @throws IllegalStateException if the system gives no selector (out of file descriptors)
   */
  public static SelectorLoop start(String threadName, Runnable onEnd) {
    return start(threadName, Optional.empty(), onEnd);
  }

  /**
   * The same, with a clock that counts the device's sleep.
   *
   * @param withSleep nanoseconds; any thread asks it; empty for {@link System#nanoTime()} alone
   */
  public static SelectorLoop start(
      String threadName, Optional<LongSupplier> withSleep, Runnable onEnd) {
    LongSupplier clock = withSleep.<LongSupplier>map(SleepAwareClock::new).orElse(System::nanoTime);
    try {
      return start(threadName, Selector.open(), clock, onEnd);
    } catch (IOException e) {
      throw new IllegalStateException("the system gives no selector", e);
    }
  }

  /** The same, with a selector that it will close. */
  static SelectorLoop start(String threadName, Selector selector, Runnable onEnd) {
    return start(threadName, selector, System::nanoTime, onEnd);
  }

  private static SelectorLoop start(
      String threadName, Selector selector, LongSupplier clock, Runnable onEnd) {
    SelectorLoop loop = new SelectorLoop(threadName, selector, clock, onEnd);
    loop.threads.start();
    return loop;
  }

  /**
   * Ends the loop: what was accepted runs, timers don't, and its threads and the selector go. Any
   * thread; does nothing the second time.
   */
  public void stop() {
    synchronized (lock) {
      stopping = true;
    }
    wakeUp();
  }

  /**
   * Waits until the loop has ended and its threads are gone. Returns false if that was not so
   * within the timeout.
   */
  public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = nanoTime() + unit.toNanos(timeout);
    return ended.await(timeout, unit) && threads.awaitEnd(deadline - nanoTime());
  }

  /** Returns whether the caller runs on one of this loop's threads, on the loop or not. */
  public boolean isOnOwnThread() {
    return threads.isOneOfThese();
  }

  @Override
  public long nanoTime() {
    return clock.getAsLong();
  }

  @Override
  public void execute(Runnable task) {
    synchronized (lock) {
      if (stopping) {
        throw new RejectedExecutionException("the loop has ended");
      }
      incoming.add(task);
    }
    wakeUpFromElsewhere();
  }

  private void wakeUpFromElsewhere() {
    if (!inLoop()) {
      wakeUp();
    }
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    checkInLoop();
    // At least 1: a timer that is made while the due ones run is not due with them.
    return timers.add(nanoTime() + Math.max(1, delayNanos), task);
  }

  @Override
  public void atIterationEnd(Runnable task) {
    checkInLoop();
    atEnd.add(task);
  }

  @Override
  public void runInline(Runnable work, Executor otherwise) {
    checkInLoop();
    if (threads.isWatchedWhenAskedOften()) {
      inline.add(new Inline(work, otherwise));
    } else {
      otherwise.execute(work);
    }
  }

  @Override
  public Registration register(SelectableChannel channel, int ops, Handler handler)
      throws IOException {
    checkInLoop();
    return channels.register(channel, ops, handler);
  }

  @Override
  public Signal signal(Runnable task) {
    return signals.of(task);
  }

  @Override
  public boolean acquire(Semaphore permits, long nanos) throws InterruptedException {
    long longest = TimeUnit.MILLISECONDS.toNanos(longestWaitMillis);
    return permits.tryAcquire(Math.min(nanos, longest), TimeUnit.NANOSECONDS);
  }

  @Override
  public boolean inLoop() {
    return threads.isOnLoop();
  }

  private void wakeUp() {
    // Looked at before it is set, since setting is dear when many threads do it at once.
    if (!awake.get() && !awake.getAndSet(true)) {
      channels.wakeUp();
    }
  }

  /** Returns false when the loop has ended, and true if another thread has it now. */
  private boolean runIterations() {
    boolean goesOn = true;
    while (goesOn) {
      try {
        if (!runWhatIsInline()) { // at first, what the thread that had the loop before has left
          return true;
        }
        goesOn = !last;
        if (goesOn) {
          runIteration();
        }
      } catch (Throwable e) {
        if (LackOfMemory.is(e)) { // the app's other threads have filled the heap
          last = false;
          NO_MEMORY.write(e);
          LockSupport.parkNanos(this, Signals.NO_MEMORY_NANOS);
        } else {
          goesOn = false;
          SELECTOR_FAILED.write(e);
        }
      }
    }
    end();
    return false;
  }

  private void runIteration() throws IOException {
    timersBefore = timers.made();
    if (channels.isSuspect() && channels.nanosToReplacement(nanoTime()) == 0) {
      replaceSelector();
    }
    select();
    // Before the handlers and timers: what they hand in is for the next iteration, when a channel
    // that they closed has given its file descriptor back.
    last = takeTasks();
    channels.handleReady(runDueTimers);
    runTasks();
    signals.run(reportTask);
    runDueTimers();
    runAtEnd();
  }

  private void replaceSelector() {
    try {
      channels.replaceIfSuspect();
    } catch (IOException | VirtualMachineError e) { // most likely no memory
      channels.replaceLater(nanoTime());
      NOT_REPLACED.write(e);
    }
  }

  private void select() throws IOException {
    if (Thread.interrupted()) {
      INTERRUPTED.write(null, null, null);
    }
    long begin = nanoTime();
    try {
      boolean found = busyPoll.isWorthwhile() && spin(begin);
      if (!found) {
        sleep();
        busyPoll.slept(nanoTime() - begin);
      }
    } catch (VirtualMachineError e) { // it may have lost a channel that it was about to watch
      channels.distrust();
      throw e;
    }
  }

  /** Returns whether there is something to do. Nobody has to wake the loop meanwhile. */
  private boolean spin(long begin) throws IOException {
    do {
      if (channels.poll() || hasTasks()) {
        busyPoll.found();
        return true;
      }
    } while (nanoTime() - begin < BusyPoll.NANOS);
    busyPoll.foundNothing();
    return false;
  }

  private void sleep() throws IOException {
    awake.set(false);
    long nanos = hasTasks() ? 0 : nanosToSleep();
    if (nanos == Long.MAX_VALUE) {
      channels.await();
    } else {
      // Rounded up, or the loop would spin through the last fraction of a millisecond.
      long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
      if (millis > 0) {
        channels.await(Math.min(millis, longestWaitMillis));
      } else {
        boolean unused = channels.poll();
      }
    }
    awake.set(true);
  }

  private long nanosToSleep() {
    if (timers.size() == 0 && !channels.isSuspect()) { // as mostly
      return Long.MAX_VALUE;
    }
    long now = nanoTime();
    long toTimer = timers.size() == 0 ? Long.MAX_VALUE : timers.nanosToFirst(now);
    return channels.isSuspect() ? Math.min(toTimer, channels.nanosToReplacement(now)) : toTimer;
  }

  private boolean hasTasks() {
    synchronized (lock) {
      return stopping || !incoming.isEmpty() || !signals.isEmpty();
    }
  }

  private void runDueTimers() {
    if (timers.size() > 0) {
      long now = nanoTime();
      for (Runnable due = timers.pollDue(now, timersBefore);
          due != null;
          due = timers.pollDue(now, timersBefore)) {
        runSafely(due);
      }
    }
  }

  /** Makes what was handed in so far this iteration's tasks. Returns whether it is the last one. */
  private boolean takeTasks() {
    synchronized (lock) {
      if (batch.isEmpty()) { // else the iteration before has not come so far, for lack of memory
        List<Runnable> empty = batch;
        batch = incoming;
        incoming = empty;
      }
      return stopping && incoming.isEmpty();
    }
  }

  private void runTasks() {
    for (int i = 0; i < batch.size(); i++) {
      if (i % TASKS_BETWEEN_TIMERS == TASKS_BETWEEN_TIMERS - 1) {
        runDueTimers();
      }
      runSafely(batch.get(i));
    }
    batch.clear();
  }

  private void runAtEnd() {
    for (int i = 0; i < atEnd.size(); i++) { // one may add another
      runSafely(atEnd.get(i));
    }
    atEnd.clear();
  }

  /** Returns false if the thread has lost the loop. */
  private boolean runWhatIsInline() {
    if (inline.isEmpty()) {
      return true;
    }
    long begin = nanoTime();
    while (inlineDone < inline.size()) {
      Inline next = inline.get(inlineDone++);
      boolean here = threads.isWatched() && nanoTime() - begin < INLINE_NANOS;
      if (!(here ? threads.runInline(next.work()) : runElsewhere(next))) {
        return false;
      }
    }
    inline.clear();
    inlineDone = 0;
    return true;
  }

  private boolean runElsewhere(Inline work) {
    try {
      work.otherwise().execute(work.work());
      return true;
    } catch (Throwable e) { // no memory: it must not be lost
      EXECUTOR_REFUSES.write(e);
      return threads.runInline(work.work());
    }
  }

  /** Runs a task that must not end its thread. */
  static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      TASK_THREW.write(e);
    }
  }

  private void end() {
    synchronized (lock) {
      stopping = true;
    }
    try {
      channels.close();
    } catch (Throwable e) { // the rest is done all the same
      NOT_CLOSED.write(e);
    }
    runSafely(onEnd);
    runWhatIsLeft();
    threads.end();
    ended.countDown();
  }

  /**
   * A loop that fails has accepted what it did not come to, and whose futures somebody waits for.
   */
  private void runWhatIsLeft() {
    boolean more = true;
    while (more) {
      more = !takeTasks();
      runTasks();
      signals.run(reportTask);
      runAtEnd();
    }
    while (inlineDone < inline.size()) {
      boolean unused = runElsewhere(inline.get(inlineDone++));
    }
  }
}
