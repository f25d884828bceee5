package io.dormouse.http;

import io.dormouse.engine.Generation;
import io.dormouse.http.CallWatch.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call may begin, at the moment when it asks, and knows those that have begun.
 *
 * <p>Two must agree. The connection must be wanted: that ends the moment the app's background hook
 * has returned, before the loop has heard of it. And the loop must have opened the gate: between
 * the app's return and that moment a call waits, since what is being closed can't be used and must
 * not be brought back.
 *
 * <p>One lock for all of it; no code of the app or of OkHttp runs under it. Any thread.
 */
final class Gate {
  private enum Phase {
    /** No generation, or one whose sockets are being closed. */
    SHUT,
    OPEN,
    /** What was accepted may go on. */
    DRAINING
  }

  private final Standing connection;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final Map<Call, CallWatch> calls = new WeakHashMap<>();
  private Phase phase = Phase.SHUT;
  private Runnable onDrained = () -> {};
  private long changes;
  private long openedNanos;

  private volatile @Nullable Generation counter;

  /** Creates a gate that is shut. */
  Gate(Standing connection) {
    this.connection = connection;
  }

  // ------------------------------------------------------------------------------ for the wire

  void open(Generation generation) {
    counter = generation;
    moveTo(Phase.OPEN);
  }

  /** The app came back: goes on as if there had been no {@link #drain}. */
  void reopen() {
    moveTo(Phase.OPEN);
  }

  /**
   * Accepts no call any more.
   *
   * @param onDrained runs whenever no call is in flight; on any thread, and not before this returns
   */
  void drain(Runnable onDrained) {
    lock.lock();
    try {
      this.onDrained = onDrained;
    } finally {
      lock.unlock();
    }
    moveTo(Phase.DRAINING);
  }

  /** Returns whether it is draining, and no call is in flight. */
  boolean isDrained() {
    lock.lock();
    try {
      return isDrainedLocked();
    } finally {
      lock.unlock();
    }
  }

  private boolean isDrainedLocked() {
    return phase == Phase.DRAINING && calls.values().stream().noneMatch(CallWatch::isInFlight);
  }

  /**
   * Gives up on the calls that run and returns them, to be cancelled. Those that have not begun
   * will have to ask again.
   */
  List<Call> cutOff() {
    lock.lock();
    try {
      List<Call> cut = new ArrayList<>();
      calls.forEach(
          (call, watch) -> {
            if (watch.stage() == Stage.RUNNING || watch.stage() == Stage.ENDLESS) {
              watch.moveTo(Stage.CUT_OFF);
              cut.add(call);
            } else if (watch.stage() == Stage.ACCEPTED) {
              watch.moveTo(Stage.OUTSIDE);
            }
          });
      return cut;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nothing through, and {@linkplain #cutOff cuts off} what had been. */
  List<Call> shut() {
    moveTo(Phase.SHUT);
    return cutOff();
  }

  private void moveTo(Phase next) {
    lock.lock();
    try {
      phase = next;
      if (next == Phase.OPEN) {
        openedNanos = System.nanoTime();
      }
    } finally {
      lock.unlock();
    }
    wakeWaiters();
  }

  /** Returns whether it is open, and has not been for longer than this. */
  boolean wasOpenedWithin(long nanos) {
    lock.lock();
    try {
      return phase == Phase.OPEN && System.nanoTime() - openedNanos < nanos;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the app has come back before the loop could react to its going. */
  boolean isBack() {
    return connection.mayBegin();
  }

  // ------------------------------------------------------------------------------ for the calls

  /** Remembers a call, until it ends or is forgotten by all. */
  void watch(Call call, CallWatch watch) {
    lock.lock();
    try {
      calls.put(call, watch);
    } finally {
      lock.unlock();
    }
  }

  /** Remembers a call that is about to queue, and accepts it if calls may begin. */
  void accept(Call call, CallWatch watch) {
    boolean mayBegin = connection.mayBegin(); // before the lock, since the app's code answers
    lock.lock();
    try {
      calls.put(call, watch);
      boolean unused = move(watch, Stage.ACCEPTED, mayBegin);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the watch of a call; null if there is none. */
  @Nullable CallWatch watchOf(Call call) {
    lock.lock();
    try {
      return calls.get(call);
    } finally {
      lock.unlock();
    }
  }

  /** Lets a call run, if calls may begin or it was accepted when they could. */
  boolean enter(CallWatch watch) {
    lock.lock();
    try {
      if (watch.stage() != Stage.OUTSIDE) {
        return move(watch, Stage.RUNNING, false); // nobody need be asked
      }
    } finally {
      lock.unlock();
    }
    boolean mayBegin = connection.mayBegin();
    lock.lock();
    try {
      return move(watch, Stage.RUNNING, mayBegin);
    } finally {
      lock.unlock();
    }
  }

  private boolean move(CallWatch watch, Stage next, boolean mayBegin) {
    switch (watch.stage()) {
      case OUTSIDE -> {
        if (!mayBegin || phase != Phase.OPEN) {
          return false;
        }
        watch.moveTo(next);
      }
      case ACCEPTED -> watch.moveTo(next);
      case RUNNING, ENDLESS -> {} // an interceptor of the app tries again
      case CUT_OFF -> {
        return false;
      }
    }
    return true;
  }

  /** A call that has sent nothing yet goes back before the gate. Returns false if it can't. */
  boolean goBack(CallWatch watch) {
    if (watch.isSent()) {
      return false;
    }
    return change(
        () -> {
          if (watch.isInFlight()) {
            watch.moveTo(Stage.OUTSIDE);
          }
          return watch.stage() == Stage.OUTSIDE;
        });
  }

  /** Nobody waits for the end of this call. */
  void isEndless(CallWatch watch) {
    change(
        () -> {
          if (watch.isInFlight()) {
            watch.moveTo(Stage.ENDLESS);
          }
          return true;
        });
  }

  /** Returns whether a suspend ended this call. */
  boolean isCutOff(CallWatch watch) {
    lock.lock();
    try {
      return watch.stage() == Stage.CUT_OFF;
    } finally {
      lock.unlock();
    }
  }

  /** A call has ended. */
  void leave(Call call) {
    change(() -> calls.remove(call) != null);
  }

  /** Changes what is in flight, and tells if that was the last call of a drain. */
  private boolean change(BooleanSupplier action) {
    boolean result;
    Runnable drained = () -> {};
    lock.lock();
    try {
      result = action.getAsBoolean();
      if (isDrainedLocked()) {
        drained = onDrained;
      }
    } finally {
      lock.unlock();
    }
    drained.run();
    return result;
  }

  // ------------------------------------------------------------------------------------ waiting

  /** Returns how often something has changed that a waiting call should look at. */
  long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something has changed since {@link #changes} was {@code seen}. */
  void awaitChange(long seen, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (changes == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  void wakeWaiters() {
    lock.lock();
    try {
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ----------------------------------------------------------------------------------- counting

  void countSent(long bytes) {
    Generation now = counter;
    if (now != null) {
      now.countSent(bytes);
    }
  }

  void countReceived(long bytes) {
    Generation now = counter;
    if (now != null) {
      now.countReceived(bytes);
    }
  }
}
