package io.dormouse.loop;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop with a selector and the system's clock, on a thread of its own; on another one, if work
 * for which it has lent its thread takes long.
 */
public final class SelectorLoop implements Loop {
  private static final Logger log = LoggerFactory.getLogger(SelectorLoop.class);

  private final Selector selector;
  private final Crew crew;
  private final TimerQueue timers = new TimerQueue(); // loop only
  private final CountDownLatch ended = new CountDownLatch(1);

  private final Object lock = new Object();
  private List<Runnable> incoming = new ArrayList<>(); // guarded by lock
  private boolean stopping; // guarded by lock
  private List<Runnable> batch = new ArrayList<>(); // loop only: this round's tasks
  private final List<Runnable> putOff = new ArrayList<>(); // loop only: to the round's end
  private final BusyPoll busyPoll = new BusyPoll(Runtime.getRuntime().availableProcessors());
  private final Queue<Lent> lent = new ArrayDeque<>(); // loop only: what runs after the round
  private boolean last; // loop only: no round comes after this one

  /** False only while the loop sleeps or is about to: then a new task must wake it, once. */
  private final AtomicBoolean awake = new AtomicBoolean(true);

  private final Runnable onEnd;

  /** Work that runs outside the loop, on its thread or elsewhere. */
  private record Lent(Runnable work, Executor otherwise) {}

  private SelectorLoop(String threadName, Runnable onEnd) {
    this.onEnd = onEnd;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new IllegalStateException("the system gives no selector", e);
    }
    crew = new Crew(threadName, this, this::runRounds);
  }

  /**
   * Starts a loop.
   *
   * @param threadName the name of its thread, and what that of another begins with
   * @param onEnd runs as the very last on the loop's thread
   * @throws IllegalStateException if the system gives no selector (out of file descriptors)
   */
  public static SelectorLoop start(String threadName, Runnable onEnd) {
    SelectorLoop loop = new SelectorLoop(threadName, onEnd);
    loop.crew.start();
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
    return ended.await(timeout, unit) && crew.awaitGone(deadline - nanoTime());
  }

  /** Returns whether the caller runs on one of this loop's threads, on the loop or not. */
  public boolean isOnOwnThread() {
    return crew.isMember();
  }

  /** Returns whether the caller is work for which some loop has lent its thread. */
  public static boolean isOnLentThread() {
    return Crew.isOutside();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void execute(Runnable task) {
    synchronized (lock) {
      if (stopping) {
        throw new RejectedExecutionException("the loop has ended");
      }
      incoming.add(task);
    }
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
  public void atRoundEnd(Runnable task) {
    checkInLoop();
    putOff.add(task);
  }

  @Override
  public void lendThread(Runnable work, Executor otherwise) {
    checkInLoop();
    if (crew.isWatchedWhenAskedOften()) {
      lent.add(new Lent(work, otherwise));
    } else {
      otherwise.execute(work);
    }
  }

  @Override
  public Registration register(SelectableChannel channel, int ops, Handler handler)
      throws IOException {
    checkInLoop();
    SelectionKey key = channel.register(selector, ops, handler);
    return newOps -> {
      if (key.isValid()) {
        key.interestOps(newOps);
      }
    };
  }

  @Override
  public boolean inLoop() {
    return crew.isInside();
  }

  private void wakeUp() {
    // Looked at before it is set, since setting is dear when many threads do it at once.
    if (!awake.get() && !awake.getAndSet(true)) {
      selector.wakeup();
    }
  }

  /** Returns false when the loop has ended, and true if another thread has it now. */
  private boolean runRounds() {
    try {
      boolean lost = !runLent(); // what the thread that had the loop before has left
      while (!last && !lost) {
        select();
        // Before the handlers and timers: what they hand in is for the next round, when a channel
        // that they closed has given its file descriptor back.
        last = takeTasks();
        handleReadyChannels();
        runTasks();
        runDueTimers();
        endRound();
        lost = !runLent();
      }
      if (lost) {
        return true;
      }
    } catch (IOException e) {
      log.error("the selector failed; no connection of this registry works any more", e);
    }
    end();
    return false;
  }

  private void select() throws IOException {
    if (Thread.interrupted()) {
      log.debug("an interrupt means nothing here, and no select would sleep until it is cleared");
    }
    long begin = nanoTime();
    boolean found = busyPoll.isWorthwhile() && look(begin);
    if (!found) {
      sleep();
      busyPoll.slept(nanoTime() - begin);
    }
  }

  /** Returns whether there is something to do. Nobody has to wake the loop meanwhile. */
  private boolean look(long begin) throws IOException {
    do {
      if (selector.selectNow() > 0 || hasTasks()) {
        busyPoll.found();
        return true;
      }
    } while (nanoTime() - begin < BusyPoll.NANOS);
    busyPoll.foundNothing();
    return false;
  }

  private void sleep() throws IOException {
    awake.set(false);
    if (hasTasks()) {
      selector.selectNow();
    } else if (timers.size() == 0) {
      selector.select();
    } else {
      // Rounded up, or the loop would spin through the last fraction of a millisecond.
      long nanos = timers.nanosToFirst(nanoTime());
      long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
      if (millis > 0) {
        selector.select(millis);
      } else {
        selector.selectNow();
      }
    }
    awake.set(true);
  }

  private boolean hasTasks() {
    synchronized (lock) {
      return stopping || !incoming.isEmpty();
    }
  }

  private void handleReadyChannels() {
    Set<SelectionKey> ready = selector.selectedKeys();
    if (ready.isEmpty()) {
      return;
    }
    for (SelectionKey key : ready) {
      try {
        if (key.isValid()) {
          ((Handler) key.attachment()).ready(key.readyOps());
        }
      } catch (CancelledKeyException e) {
        log.trace("a channel was closed by the handler of another", e);
      } catch (Throwable e) { // no exception of one connection ends them all
        log.error("an I/O handler threw", e);
      }
    }
    ready.clear();
  }

  private void runDueTimers() {
    if (timers.size() > 0) {
      long now = nanoTime();
      for (Runnable due = timers.pollDue(now); due != null; due = timers.pollDue(now)) {
        runSafely(due);
      }
    }
  }

  /** Makes what was handed in so far this round's tasks. Returns whether it is the last round. */
  private boolean takeTasks() {
    synchronized (lock) {
      List<Runnable> empty = batch;
      batch = incoming;
      incoming = empty;
      return stopping;
    }
  }

  private void runTasks() {
    for (Runnable task : batch) {
      runSafely(task);
    }
    batch.clear();
  }

  private void endRound() {
    for (int i = 0; i < putOff.size(); i++) { // one may put off another
      runSafely(putOff.get(i));
    }
    putOff.clear();
  }

  /** Returns false if the thread has lost the loop. */
  private boolean runLent() {
    for (Lent next = lent.poll(); next != null; next = lent.poll()) {
      boolean inside = crew.isWatched() ? crew.callOut(next.work()) : goElsewhere(next);
      if (!inside) {
        return false;
      }
    }
    return true;
  }

  private boolean goElsewhere(Lent work) {
    try {
      work.otherwise().execute(work.work());
      return true;
    } catch (Throwable e) { // no more threads: it must not be lost
      log.debug("an executor refuses work, the loop's thread does it", e);
      return crew.callOut(work.work());
    }
  }

  /** Runs a task that must not end its thread. */
  static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      log.error("a task on the loop's thread threw", e);
    }
  }

  private void end() {
    synchronized (lock) {
      stopping = true;
    }
    try {
      selector.close();
    } catch (IOException e) {
      log.warn("the selector did not close", e);
    }
    runSafely(onEnd);
    crew.dismiss();
    ended.countDown();
  }
}
