package io.dormouse.http;

import io.dormouse.connection.NotOpenException;
import io.dormouse.http.GatedCall.Stage;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import okhttp3.Call;

/**
 * Decides whether a call may begin, and go on, at the moment when it asks, and tells a suspend when
 * there is none to wait for any more.
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
 * <p>One lock for all of it; no code of the app runs under it. Any thread.
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
  private final Runnable onLateEnd;
  private final Waiters waiters;

  private final Object lock = new Object();

  // Guarded by lock.
  private final Calls calls;
  private Phase phase = Phase.SHUT;
  private Runnable onDrained = () -> {};
  private long openedNanos;

  /**
   * Creates a gate that is shut.
   *
   * @param clock in nanoseconds, for any thread
   * @param inFlight what becomes of calls that don't say it themselves
   * @param forgottenNanos how long a suspend waits where nothing happens; see {@link Calls}
   * @param onLateEnd runs when a call ends while the gate is shut; on the call's thread
   */
  Gate(
      ConnectionView connection,
      LongSupplier clock,
      InFlight inFlight,
      long forgottenNanos,
      Runnable onLateEnd) {
    this(connection, clock, new Waiters(), inFlight, forgottenNanos, onLateEnd);
  }

  /** The same, with the place where calls wait by that clock. */
  Gate(
      ConnectionView connection,
      LongSupplier clock,
      Waiters waiters,
      InFlight inFlight,
      long forgottenNanos,
      Runnable onLateEnd) {
    this.connection = connection;
    this.waiters = waiters;
    this.clock = clock;
    this.inFlight = inFlight;
    this.calls = new Calls(forgottenNanos);
    this.onLateEnd = onLateEnd;
  }

  ConnectionView connection() {
    return connection;
  }

  long nanoTime() {
    return clock.getAsLong();
  }

  /** Returns where calls wait until the gate has changed, or they are cancelled. */
  Waiters waiters() {
    return waiters;
  }

  // ------------------------------------------------------------------------------ for the wire

  /** Lets calls in; also when the app came back during a drain, as if there had been none. */
  void open() {
    moveTo(Phase.OPEN, () -> {});
  }

  /**
   * Lets no call in any more, but for those that one in flight needs to finish.
   *
   * @param begun the calls of the dispatcher, if there may be some that are {@linkplain
   *     #hasUnannounced() not announced}
   * @param drained runs whenever there is no call to wait for; on any thread, and not before this
   *     returns
   */
  void drain(List<Call> begun, Runnable drained) {
    synchronized (lock) {
      for (Call call : begun) {
        if (calls.find(call) == null) {
          of(call).stage = phase == Phase.OPEN ? Stage.ADMITTED : Stage.OUTSIDE;
        }
      }
    }
    moveTo(Phase.DRAINING, drained);
  }

  /**
   * Returns whether there may be calls that are unknown while they queue: those of clients that
   * were derived with an event listener of their own, of which we hear only when they run.
   */
  boolean hasUnannounced() {
    synchronized (lock) {
      return calls.hasUnannounced();
    }
  }

  private void moveTo(Phase next, Runnable drained) {
    long now = nanoTime();
    synchronized (lock) {
      phase = next;
      onDrained = drained;
      calls.changed(now);
      openedNanos = next == Phase.OPEN ? now : openedNanos;
    }
    waiters.wakeAll();
  }

  /**
   * Takes back what has no socket yet, unless the app is back by now: then the drain is about to be
   * called off. To be called after {@link #drain}, and now and then during it.
   *
   * @return the sockets that were connecting, to be closed
   */
  List<Socket> takeBack() {
    synchronized (lock) {
      boolean drains = phase == Phase.DRAINING && !connection.mayBegin();
      return drains ? calls.takeBack() : List.of();
    }
  }

  /** Returns whether it is draining, and there is no call to wait for. */
  boolean isDrained() {
    long now = nanoTime();
    synchronized (lock) {
      return isDrainedAt(now);
    }
  }

  private boolean isDrainedAt(long nowNanos) {
    // If the app is back, the drain is about to be called off.
    return phase == Phase.DRAINING && !calls.isAnyWaitedFor(connection.mayBegin(), nowNanos);
  }

  /** Lets nothing through. What was sent is cut off, and what was not has to ask again. */
  void shut() {
    synchronized (lock) {
      phase = Phase.SHUT;
      calls.cutOff();
    }
    waiters.wakeAll();
  }

  // ----------------------------------------------------------------- for calls, as they begin

  /**
   * Returns what is known of a call; one that was not known is, and is listened to, from now on.
   */
  GatedCall of(Call call) {
    synchronized (lock) {
      GatedCall known = calls.find(call);
      if (known != null) {
        return known;
      }
      GatedCall made = create(call);
      calls.addUnannounced(call, made);
      call.addEventListener(new CallEvents(made)); // before anybody else can find it
      return made;
    }
  }

  /** Makes what is to be known of a call as soon as it begins. */
  GatedCall create(Call call) {
    InFlight tag = call.request().tag(InFlight.class);
    return new GatedCall(this, tag == null ? inFlight : tag);
  }

  /** Remembers a call that is about to queue, and lets it in if calls may begin. */
  void accept(Call call, GatedCall gated) {
    synchronized (lock) {
      calls.add(call, gated);
      if (mayEnter(gated)) {
        gated.stage = Stage.ADMITTED;
      }
    }
  }

  /** Lets a call in, if calls may begin, or it was let in when they could. */
  boolean enter(GatedCall call) {
    return change(
        () -> {
          boolean isInside =
              switch (call.stage) {
                case OUTSIDE, CUT_OFF, ENDED -> mayEnter(call);
                case ADMITTED, CONNECTING, SENT -> true;
              };
          if (isInside && call.stage != Stage.SENT) {
            call.stage = Stage.ADMITTED;
          }
          return isInside;
        });
  }

  /**
   * A call that one in flight waits for, which an authenticator or interceptor has made, is part of
   * what the suspend waits for, and may begin as late as that.
   */
  private boolean mayEnter(GatedCall call) {
    return switch (phase) {
      case SHUT -> false;
      case OPEN -> connection.mayBegin() || call.isWithinOneThatIs(Stage.SENT);
      case DRAINING -> call.isWithinOneThatIs(Stage.SENT);
    };
  }

  /** Returns whether a suspend has cut off the call in whose interceptor this one was made. */
  boolean isWithinOneCutOff(GatedCall call) {
    synchronized (lock) {
      return call.isWithinOneThatIs(Stage.CUT_OFF);
    }
  }

  /** Returns whether it is open, and has not been for longer than this. */
  boolean wasOpenedWithin(long nanos) {
    long now = nanoTime();
    synchronized (lock) {
      return phase == Phase.OPEN && now - openedNanos < nanos;
    }
  }

  // ----------------------------------------------------------------- for calls, as they go on

  /** Returns whether a call may make a socket. One that may not is taken back, if it can be. */
  boolean mayConnect(GatedCall call) {
    return change(
        () ->
            switch (call.stage) {
              case OUTSIDE, CUT_OFF, ENDED -> false;
              case SENT -> mayEnter(call);
              case ADMITTED, CONNECTING -> {
                boolean may = mayEnter(call);
                call.stage = may ? Stage.CONNECTING : Stage.OUTSIDE;
                yield may;
              }
            });
  }

  /** A call has a socket, a new one or one that was there. */
  void hasSocket(GatedCall call) {
    synchronized (lock) {
      if (call.stage == Stage.CONNECTING) {
        call.stage = Stage.ADMITTED;
      }
    }
  }

  /** Returns whether a call may send its request; from now on it can't be taken back. */
  boolean send(GatedCall call) {
    boolean sends =
        change(
            () -> {
              if (call.stage != Stage.ADMITTED
                  && call.stage != Stage.CONNECTING
                  && call.stage != Stage.SENT) {
                return false;
              }
              call.stage = Stage.SENT;
              return true;
            });
    if (sends) {
      waiters.wakeAll(); // what it has begun and needs may begin now
    }
    return sends;
  }

  /**
   * Returns whether a call that has failed is to ask again: it was taken back before it was sent,
   * or it is now, since the network often goes as the app does, and the loop hears of that later.
   */
  boolean takesBack(GatedCall call) {
    return change(
        () -> {
          boolean isUnsent = call.stage == Stage.ADMITTED || call.stage == Stage.CONNECTING;
          if (isUnsent && !mayEnter(call)) {
            call.stage = Stage.OUTSIDE;
          }
          return call.stage == Stage.OUTSIDE;
        });
  }

  /** Returns whether a suspend has ended what a call does now: it takes it back, or cut it off. */
  boolean hasEnded(GatedCall call) {
    boolean isTakenBack = takesBack(call);
    synchronized (lock) {
      return isTakenBack || call.stage == Stage.CUT_OFF;
    }
  }

  /** Returns whether a call was taken back before it was sent, so that it may ask again. */
  boolean wasTakenBack(GatedCall call) {
    synchronized (lock) {
      return call.stage == Stage.OUTSIDE;
    }
  }

  /** Sets what becomes of a call if it is in flight at a suspend. */
  void setInFlight(GatedCall call, InFlight policy) {
    change(
        () -> {
          call.inFlight = policy;
          return true;
        });
  }

  /** Returns what the app is told of a failure: if a suspend is behind it, that. */
  IOException explain(GatedCall call, IOException failure) {
    boolean refused =
        failure instanceof NotOpenException e && e.connectionName().equals(connection.name());
    synchronized (lock) {
      boolean cutOff = call.stage == Stage.CUT_OFF || (call.stage == Stage.SENT && refused);
      if (!cutOff) {
        return failure;
      }
    }
    return connection.cutOff(failure);
  }

  /** A call has ended. */
  void leave(Call call) {
    boolean late;
    boolean unused =
        change(
            () -> {
              calls.remove(call);
              return true;
            });
    synchronized (lock) {
      late = phase == Phase.SHUT;
    }
    if (late) {
      onLateEnd.run();
    }
  }

  /**
   * Changes something about a call, and tells if that leaves no call of a drain to wait for.
   *
   * @param action returns whether it has changed something
   */
  private boolean change(BooleanSupplier action) {
    boolean result;
    boolean drained;
    Runnable then;
    long now = nanoTime();
    synchronized (lock) {
      result = action.getAsBoolean();
      if (result) {
        calls.changed(now);
      }
      drained = isDrainedAt(now);
      then = onDrained;
    }
    if (drained) {
      then.run();
    }
    return result;
  }
}
