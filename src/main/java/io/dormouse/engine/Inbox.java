package io.dormouse.engine;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to the app's callbacks of one connection, in order: what was received, and
 * what became of the connection. It is bounded in both: the source of bytes stops reading, and that
 * of changes of state makes no new attempts. It also knows for which generation a callback is
 * called. Loop only, except where a method says otherwise.
 */
final class Inbox {
  /** With so many changes of state that the app has not taken, no new attempt is made. */
  static final int MOST_CHANGES = 100;

  /** The generation for which the callback on this thread is called. */
  private static final class Caller {
    @Nullable Session session;
  }

  private static final ThreadLocal<Caller> CALLER = ThreadLocal.withInitial(Caller::new);

  private final Executor callbacks;
  private final Backlog bytes;
  private final Backlog changes;

  /**
   * Creates an empty one.
   *
   * @param callbacks runs callbacks, one after the other
   * @param unreadBytes the bound on received bytes
   * @param caughtUp is called when reading or attempts may go on; any thread
   */
  Inbox(Executor callbacks, long unreadBytes, Runnable caughtUp) {
    this.callbacks = callbacks;
    this.bytes = new Backlog(unreadBytes, caughtUp);
    this.changes = new Backlog(MOST_CHANGES, caughtUp);
  }

  /**
   * Returns the generation of a connection for which the caller is called back; null if it is no
   * callback of that connection. Any thread.
   */
  static @Nullable Session callerOf(Link link) {
    Session session = CALLER.get().session;
    return session != null && session.isOf(link) ? session : null;
  }

  private static void run(@Nullable Session session, Runnable callback) {
    Caller caller = CALLER.get();
    Session outer = caller.session; // of another connection, if executors run in their caller
    caller.session = session;
    try {
      callback.run();
    } finally {
      caller.session = outer;
    }
  }

  /**
   * Hands over something received. If there is no memory while the app takes it, nobody knows what
   * has become of it: its generation ends, and nothing that was received after it is handed over.
   *
   * @param afterwards runs once, whatever becomes of the callback
   * @return false if the app is behind, and reading is to stop
   */
  boolean deliver(Session session, int size, Runnable callback, Runnable afterwards) {
    long held = (long) size + Outgoing.OVERHEAD;
    long unread = bytes.add(held);
    try {
      callbacks.execute(
          () -> {
            try {
              if (!session.hasLostReceived()) {
                run(session, callback);
              }
            } catch (OutOfMemoryError e) {
              session.receivedIsLost(e);
              throw e;
            } finally {
              afterwards.run(); // before more is read
              bytes.taken(held);
            }
          });
    } catch (Throwable e) {
      bytes.remove(held);
      afterwards.run();
      throw e;
    }
    return !bytes.stopAt(unread);
  }

  /** Returns whether reading was stopped, and the app has caught up since. */
  boolean hasCaughtUpWithBytes() {
    return bytes.hasCaughtUp();
  }

  /** Reading goes on, if it was stopped. Returns whether it was. */
  boolean resumeReading() {
    return bytes.goOn();
  }

  /**
   * Hands over what became of the connection.
   *
   * @param session the generation it is about; null before the first
   */
  void tell(@Nullable Session session, Runnable callback) {
    long unused = changes.add(1);
    try {
      callbacks.execute(
          () -> {
            try {
              run(session, callback);
            } finally {
              changes.taken(1);
            }
          });
    } catch (Throwable e) {
      changes.remove(1);
      throw e;
    }
  }

  /** Returns whether the app is behind with changes; it is told when the app has caught up. */
  boolean isBehind() {
    return changes.stopIfFull();
  }

  /** There was no memory to go on with attempts: {@link #resumeAttempts()} is true again. */
  void stopAttempts() {
    changes.stop();
  }

  /** Attempts go on, if they were stopped and the app has caught up. Returns whether they do. */
  boolean resumeAttempts() {
    return changes.hasCaughtUp() && changes.goOn();
  }
}
