package io.dormouse.http;

import io.dormouse.engine.Generation;
import io.dormouse.http.CallWatch.Stage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call may begin, at the moment when it asks, knows those that have begun, and
 * says for which of them a suspend waits.
 *
 * <p>Two must agree. The connection must be wanted: that ends the moment the app's background hook
 * has returned, before the loop has heard of it. And the loop must have opened the gate: between
 * the app's return and that moment a call waits, since what is being closed can't be used and must
 * not be brought back.
 *
 * <p>A call is let in once, and sent once. In between it can be taken back: it is when it needs a
 * socket while none may be made, and it then has to ask again. What has been sent can only be cut
 * off. Both are decided under the lock, so that a request is either not sent at all or known to be.
 *
 * <p>One lock for all of it; no code of the app or of OkHttp runs under it. Any thread.
 */
final class Gate {
  private enum Phase {
    /** No generation, or one whose sockets are being closed. */
    SHUT,
    OPEN,
    /** What was let in may finish. */
    DRAINING
  }

  private final ConnectionView connection;
  private final LongSupplier clock;
  private final InFlight inFlight;
  private final long forgottenNanos;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final Map<Call, CallWatch> calls = new WeakHashMap<>();
  private Phase phase = Phase.SHUT;
  private boolean appIsBack;
  private Runnable onDrained = () -> {};
  private Runnable onLateEnd = () -> {};
  private long changes;
  private long openedNanos;
  private long lastChangeNanos;

  private volatile @Nullable Generation counter;

  /**
   * Creates a gate that is shut.
   *
   * @param clock in nanoseconds, for any thread
   * @param inFlight what becomes of calls that don't say it themselves
   * @param forgottenNanos a suspend does not wait for a response that the app has not read from for
   *     so long, nor for a call that has still not been sent when nothing else has happened
   */
  Gate(ConnectionView connection, LongSupplier clock, InFlight inFlight, long forgottenNanos) {
    this.connection = connection;
    this.clock = clock;
    this.inFlight = inFlight;
    this.forgottenNanos = forgottenNanos;
  }

  String connectionName() {
    return connection.name();
  }

  InFlight inFlight() {
    return inFlight;
  }

  long nanoTime() {
    return clock.getAsLong();
  }

  /** Returns why a call may not begin. */
  IOException refusal() {
    return connection.refusal();
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
   * Lets no call in any more, but for those that one in flight needs to finish.
   *
   * @param begun the calls of the dispatcher; clients that were derived with an event listener of
   *     their own don't tell of theirs while they queue
   * @param onDrained runs whenever there is no call to wait for; on any thread, and not before this
   *     returns
   */
  void drain(List<Call> begun, Runnable onDrained) {
    List<Call> unknown = new ArrayList<>();
    lock.lock();
    try {
      this.onDrained = onDrained;
      for (Call call : begun) {
        if (!calls.containsKey(call)) {
          unknown.add(call);
        }
      }
    } finally {
      lock.unlock();
    }
    for (Call call : unknown) {
      CallWatch watch = watch(call);
      change(
          () -> {
            if (phase == Phase.OPEN && watch.stage == Stage.OUTSIDE) {
              watch.stage = Stage.ADMITTED;
            }
            return true;
          });
    }
    moveTo(Phase.DRAINING);
  }

  /**
   * Takes back what has no socket yet, unless the app is back by now: then the drain is about to be
   * called off. To be called after {@link #drain}, and now and then during it.
   *
   * @return the sockets that were connecting, to be closed
   */
  List<Socket> takeBack() {
    // Asked when the phase is set already: whoever was let in before that, and is not wanted now,
    // has seen a foreground that is over.
    boolean mayBegin = connection.mayBegin();
    List<Socket> sockets = new ArrayList<>();
    lock.lock();
    try {
      appIsBack = mayBegin;
      if (phase == Phase.DRAINING && !mayBegin) {
        for (CallWatch watch : calls.values()) {
          if (watch.stage == Stage.ADMITTED && watch.seeksSocket && !isPartOfADrain(watch)) {
            watch.stage = Stage.OUTSIDE;
            sockets.addAll(watch.takeConnecting());
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return sockets;
  }

  /** Returns whether it is draining, and there is no call to wait for. */
  boolean isDrained() {
    long now = nanoTime();
    lock.lock();
    try {
      return isDrainedAt(now);
    } finally {
      lock.unlock();
    }
  }

  private boolean isDrainedAt(long nowNanos) {
    return phase == Phase.DRAINING
        && calls.values().stream().noneMatch(watch -> isWaitedFor(watch, nowNanos));
  }

  private boolean isWaitedFor(CallWatch watch, long nowNanos) {
    if (watch.inFlight == InFlight.CANCEL && !appIsBack) {
      return false;
    }
    return switch (watch.stage) {
      case OUTSIDE, CUT_OFF -> false;
      // In a queue it waits for those that were sent, so the time counts from the last of these.
      case ADMITTED -> nowNanos - lastChangeNanos < forgottenNanos;
      case SENT -> !watch.isForgotten(nowNanos, forgottenNanos);
    };
  }

  /**
   * Lets nothing through. What was sent is cut off, and what was not has to ask again.
   *
   * @param onLateEnd runs when a call ends while the gate is shut; on the call's thread
   */
  void shut(Runnable onLateEnd) {
    lock.lock();
    try {
      this.onLateEnd = onLateEnd;
      phase = Phase.SHUT;
      for (CallWatch watch : calls.values()) {
        if (watch.stage == Stage.SENT) {
          watch.stage = Stage.CUT_OFF;
        } else if (watch.stage == Stage.ADMITTED) {
          watch.stage = Stage.OUTSIDE;
        }
        List<Socket> unused = watch.takeConnecting(); // the socket tracker closes all
      }
    } finally {
      lock.unlock();
    }
    wakeWaiters();
  }

  private void moveTo(Phase next) {
    long now = nanoTime();
    lock.lock();
    try {
      phase = next;
      lastChangeNanos = now;
      if (next == Phase.OPEN) {
        openedNanos = now;
      }
    } finally {
      lock.unlock();
    }
    wakeWaiters();
  }

  /** Returns whether it is open, and has not been for longer than this. */
  boolean wasOpenedWithin(long nanos) {
    long now = nanoTime();
    lock.lock();
    try {
      return phase == Phase.OPEN && now - openedNanos < nanos;
    } finally {
      lock.unlock();
    }
  }

  // ------------------------------------------------------------------------------ for the calls

  /** Returns the watch of a call, which is attached to it if it has none. */
  CallWatch watch(Call call) {
    CallWatch made = new CallWatch(this);
    made.parent = CallWatch.runningHere();
    lock.lock();
    try {
      CallWatch known = calls.putIfAbsent(call, made);
      if (known != null) {
        return known;
      }
    } finally {
      lock.unlock();
    }
    call.addEventListener(made);
    return made;
  }

  /** Remembers a call that is about to queue, and lets it in if calls may begin. */
  void accept(Call call, CallWatch watch) {
    CallWatch parent = CallWatch.runningHere();
    boolean mayBegin = connection.mayBegin(); // before the lock, since the app's code answers
    lock.lock();
    try {
      watch.parent = parent;
      calls.put(call, watch);
      if (mayEnter(watch, mayBegin)) {
        watch.stage = Stage.ADMITTED;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets a call in, if calls may begin, or it was let in when they could. */
  boolean enter(CallWatch watch) {
    boolean mayBegin = connection.mayBegin();
    return change(
        () -> {
          switch (watch.stage) {
            case OUTSIDE, CUT_OFF -> {
              if (!mayEnter(watch, mayBegin)) {
                return false;
              }
              watch.stage = Stage.ADMITTED;
            }
            case ADMITTED, SENT -> {}
          }
          watch.seeksSocket = false;
          return true;
        });
  }

  private boolean mayEnter(CallWatch watch, boolean mayBegin) {
    return (phase == Phase.OPEN && mayBegin) || isPartOfADrain(watch);
  }

  /**
   * Returns whether a call in flight waits for this one, which an authenticator or interceptor has
   * made: then it is part of what the suspend waits for, and may begin as late as that.
   */
  private boolean isPartOfADrain(CallWatch watch) {
    if (phase == Phase.SHUT) {
      return false;
    }
    for (CallWatch above = watch.parent; above != null; above = above.parent) {
      if (above.gate() == this && above.stage == Stage.SENT) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a suspend has cut off the call in whose interceptor this one was made. */
  boolean isOfACutOff(CallWatch watch) {
    lock.lock();
    try {
      for (CallWatch above = watch.parent; above != null; above = above.parent) {
        if (above.gate() == this && above.stage == Stage.CUT_OFF) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether a call may make a socket. One that may not is taken back, if it can be. */
  boolean mayConnect(CallWatch watch) {
    boolean mayBegin = connection.mayBegin();
    return change(
        () -> {
          if (watch.stage == Stage.OUTSIDE || watch.stage == Stage.CUT_OFF) {
            return false;
          }
          boolean may = mayEnter(watch, mayBegin);
          if (watch.stage == Stage.ADMITTED) {
            watch.stage = may ? Stage.ADMITTED : Stage.OUTSIDE;
            watch.seeksSocket = true;
          }
          return may;
        });
  }

  /**
   * As {@link #mayConnect}; if so, remembers the socket, to be closed if the call is taken back.
   */
  boolean connects(CallWatch watch, InetSocketAddress address, Socket socket) {
    boolean mayBegin = connection.mayBegin();
    return change(
        () -> {
          if (watch.stage == Stage.OUTSIDE || watch.stage == Stage.CUT_OFF) {
            return false;
          } else if (mayEnter(watch, mayBegin)) {
            watch.connects(address, socket);
            return true;
          } else if (watch.stage == Stage.ADMITTED) {
            watch.stage = Stage.OUTSIDE;
          }
          return false;
        });
  }

  /** A call has a new socket. Returns whether it may use it. */
  boolean hasConnected(CallWatch watch, InetSocketAddress address) {
    Socket socket;
    lock.lock();
    try {
      socket = watch.connected(address);
      if (watch.stage == Stage.OUTSIDE || watch.stage == Stage.CUT_OFF) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    return socket == null || !socket.isClosed();
  }

  void hasNotConnected(CallWatch watch, InetSocketAddress address) {
    lock.lock();
    try {
      Socket unused = watch.connected(address);
    } finally {
      lock.unlock();
    }
  }

  /** A call has a socket, a new one or one that was there. */
  void hasSocket(CallWatch watch) {
    lock.lock();
    try {
      watch.seeksSocket = false;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether a call may send its request; from now on it can't be taken back. */
  boolean send(CallWatch watch) {
    return change(
        () -> {
          if (watch.stage == Stage.OUTSIDE || watch.stage == Stage.CUT_OFF) {
            return false;
          }
          watch.stage = Stage.SENT;
          return true;
        });
  }

  /** Returns whether a call was taken back before it was sent, so that it may ask again. */
  boolean wasTakenBack(CallWatch watch) {
    lock.lock();
    try {
      return watch.stage == Stage.OUTSIDE;
    } finally {
      lock.unlock();
    }
  }

  /** Sets what becomes of a call that is in flight at a suspend. */
  void setInFlight(CallWatch watch, InFlight policy) {
    lock.lock();
    try {
      watch.inFlight = policy;
    } finally {
      lock.unlock();
    }
  }

  /** A call's response goes on until somebody ends it. */
  void hasNoEnd(CallWatch watch) {
    change(
        () -> {
          watch.inFlight = InFlight.CANCEL;
          return true;
        });
  }

  /** Returns what the app is told of a failure: if a suspend is behind it, that. */
  IOException explain(CallWatch watch, IOException failure) {
    lock.lock();
    try {
      if (watch.stage != Stage.CUT_OFF) {
        return failure;
      }
    } finally {
      lock.unlock();
    }
    return connection.cutOff(failure);
  }

  /** A call has ended. */
  void leave(Call call) {
    Runnable then = () -> {};
    long now = nanoTime();
    lock.lock();
    try {
      CallWatch watch = calls.remove(call);
      lastChangeNanos = now;
      if (watch != null && watch.parent != null) {
        watch.parent.moved();
      }
      if (phase == Phase.SHUT) {
        then = onLateEnd;
      } else if (isDrainedAt(now)) {
        then = onDrained;
      }
    } finally {
      lock.unlock();
    }
    then.run();
  }

  /** Changes something about a call, and tells if that leaves no call of a drain to wait for. */
  private boolean change(BooleanSupplier action) {
    boolean result;
    Runnable drained = () -> {};
    long now = nanoTime();
    lock.lock();
    try {
      result = action.getAsBoolean();
      if (result) {
        lastChangeNanos = now;
      }
      if (isDrainedAt(now)) {
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
