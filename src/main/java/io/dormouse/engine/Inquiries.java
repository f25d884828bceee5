package io.dormouse.engine;

import io.dormouse.network.LookUps;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection asks of others, and waits for, off the loop: at most one look-up, one
 * supplier of the app and one step of a TLS handshake at a time, however many generations come and
 * go while one hangs. What it tells the app it tells one at a time as well. Loop only.
 *
 * <p>Names are looked up by {@link LookUps}, for all connections together. Another look-up goes on
 * when its generation ends, and the next generation joins it. A supplier is interrupted, and the
 * next generation waits for it to return, since it asks for something new. A step of a handshake is
 * waited for too, but not interrupted: the platform may be about to load what all handshakes need.
 * What has not begun when its generation ends never begins.
 */
final class Inquiries {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Reconciler reconciler;
  private final Slot lookUps;
  private final Slot suppliers;
  private final Slot handshakes;
  private final Slot reports;
  private LookUps.@Nullable Ticket name; // the latest name that was looked up

  /**
   * Creates one that does nothing yet.
   *
   * @param blocking runs what blocks
   * @param computing runs what computes
   */
  Inquiries(Reconciler reconciler, Executor blocking, Executor computing) {
    this.reconciler = reconciler;
    this.lookUps = new Slot(blocking);
    this.suppliers = new Slot(blocking);
    this.handshakes = new Slot(computing);
    this.reports = new Slot(blocking);
  }

  /** Looks a host's addresses up, together with all connections that want the same. */
  LookUps.Ticket resolve(
      Session session, @Nullable Dns dns, String host, LookUps.Listener listener) {
    LookUps.Listener guarded =
        new LookUps.Listener() {
          @Override
          public void found(List<InetAddress> addresses, boolean last) {
            session.guardIfLive(() -> listener.found(addresses, last));
          }

          @Override
          public void failed(Exception why) {
            session.guardIfLive(() -> listener.failed(why));
          }
        };
    LookUps.Ticket ticket = reconciler.lookUps().join(dns, host, guarded, name);
    name = ticket;
    return ticket;
  }

  /** Looks something else up, or joins a look-up of the same. */
  <V> void lookUp(
      Session session, Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    if (!lookUps.join(session, key, done, failed)) {
      lookUps.submit(new Piece<>(session, key, work, done, failed));
    }
  }

  /** Asks the app, once what was asked for an earlier generation has returned. */
  <V> void ask(
      Session session, Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed) {
    suppliers.submit(new Piece<>(session, session, supplier, done, failed));
  }

  /** Does a step of a TLS handshake, once that of an earlier generation has returned. */
  <V> void handshake(
      Session session, Callable<V> step, Consumer<V> done, Consumer<Exception> failed) {
    handshakes.submit(new Piece<>(session, session, step, done, failed));
  }

  /** Tells the app something, once it has taken what it was told before. */
  void report(Session session, Runnable report) {
    Callable<Boolean> work =
        () -> {
          report.run();
          return true;
        };
    reports.submit(new Piece<>(session, session, work, told -> {}, unused -> {}));
  }

  /** The latest generation has ended. */
  void onGenerationEnded() {
    boolean unusedLookUp = lookUps.drop();
    boolean unusedStep = handshakes.drop();
    suppliers.cancel();
    if (name != null) {
      name.leave();
    }
  }

  /** A place for one piece at a time. A thread comes for it only when the one before has gone. */
  private final class Slot {
    private final Executor threads;

    /** What the thread that has been asked for is to begin with. */
    private final AtomicReference<@Nullable Piece<?>> next = new AtomicReference<>();

    /** The latest piece, until its result is told or nobody wants it any more. */
    private @Nullable Piece<?> latest;

    /** A thread has been asked for, and has not gone. */
    private boolean occupied;

    Slot(Executor threads) {
      this.threads = threads;
    }

    void submit(Piece<?> piece) {
      latest = piece;
      next.set(piece);
      askForThread();
    }

    private void askForThread() {
      if (occupied) {
        return;
      }
      occupied = true;
      try {
        threads.execute(this::work);
      } catch (RejectedExecutionException e) {
        log.debug("the registry has ended, nobody waits for the result", e);
      } catch (Error e) { // the system gives no thread
        occupied = false;
        throw e;
      }
    }

    /** On a thread that may block. */
    private void work() {
      Piece<?> piece = next.getAndSet(null);
      Runnable result = piece == null ? () -> {} : piece.work();
      boolean unused = reconciler.tasks().execute(() -> gone(piece, result));
    }

    private void gone(@Nullable Piece<?> piece, Runnable result) {
      occupied = false;
      if (piece == latest) {
        latest = null;
      }
      if (next.get() != null) {
        askForThread();
      }
      result.run();
    }

    /** Returns whether there is such a piece; its result is told to the caller then. */
    <V> boolean join(Session session, Object key, Consumer<V> done, Consumer<Exception> failed) {
      return latest != null && latest.joinedBy(session, key, done, failed);
    }

    /** Returns false if the latest piece has begun. */
    boolean drop() {
      boolean dropped = next.getAndSet(null) != null;
      if (dropped) {
        latest = null;
      }
      return dropped;
    }

    void cancel() {
      if (latest != null && !drop()) {
        latest.cancel();
        latest = null;
      }
    }
  }

  /** One piece of work, and who waits for it. */
  private static final class Piece<V> {
    private final Object key;
    private final Callable<V> work;

    // Loop only.
    private Session session;
    private Consumer<V> done;
    private Consumer<Exception> failed;

    private final Object lock = new Object();
    private @Nullable Thread thread; // guarded by lock
    private boolean cancelled; // guarded by lock

    Piece(
        Session session,
        Object key,
        Callable<V> work,
        Consumer<V> done,
        Consumer<Exception> failed) {
      this.session = session;
      this.key = key;
      this.work = work;
      this.done = done;
      this.failed = failed;
    }

    @SuppressWarnings("unchecked") // the same key is the same question, and has one kind of answer
    <W> boolean joinedBy(
        Session newSession, Object sameKey, Consumer<W> newDone, Consumer<Exception> newFailed) {
      if (!key.equals(sameKey)) {
        return false;
      }
      session = newSession;
      done = (Consumer<V>) newDone;
      failed = newFailed;
      return true;
    }

    /** Does the work, and returns what is to be done on the loop then. */
    Runnable work() {
      synchronized (lock) {
        if (cancelled) {
          return () -> {};
        }
        thread = Thread.currentThread();
      }
      try {
        V result = work.call();
        return () -> session.guardIfLive(() -> done.accept(result));
      } catch (Exception e) {
        return () -> session.guardIfLive(() -> failed.accept(e));
      } catch (Error e) { // a class of the app's that is missing, for one
        return () -> session.guardIfLive(() -> failed.accept(new ExecutionException(e)));
      } finally {
        synchronized (lock) {
          thread = null;
          boolean unused = Thread.interrupted(); // if it came too late, it is not the next one's
        }
      }
    }

    void cancel() {
      synchronized (lock) {
        cancelled = true;
        if (thread != null) {
          thread.interrupt();
        }
      }
    }
  }
}
