package io.dormouse.loop;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a loop, and the selector that watches them. Loop only, except where a method says
 * otherwise.
 *
 * <p>A selector of the JDK's that had no memory is replaced: it may have lost a channel for good,
 * or have kept one that is closed, and then takes the next channel with the same file descriptor
 * for it, and never sleeps again.
 */
final class WatchedChannels {
  /** So few are cancelled together that the selector's queue of them need not grow. */
  private static final int CANCELLED_AT_ONCE = 8;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /**
   * The pauses double up to this, so that one is as long as the memory has been out before it: each
   * attempt has the JVM collect the whole heap, which stops the app's threads.
   */
  private static final long MOST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private volatile Selector selector; // changed on the loop
  private boolean suspect;

  /** Is not in use, and not closed yet, for lack of memory; null if there is none. */
  private @Nullable Selector leftOver;

  /** So long after the latest failure it is replaced; 0 if there was none. */
  private long pauseNanos;

  private long failedNanos; // the latest

  WatchedChannels(Selector selector) {
    this.selector = selector;
  }

  /** See {@link Loop#register}. */
  Loop.Registration register(SelectableChannel channel, int ops, Loop.Handler handler)
      throws IOException {
    Watched watched = new Watched(handler, ops);
    try {
      watched.key = channel.register(selector, ops, watched);
    } catch (
        VirtualMachineError e) { // no memory: the selector may have the key, and the channel not
      suspect = true;
      throw e;
    }
    return watched;
  }

  /** Waits until a channel is ready, or {@link #wakeUp()} was called. */
  void await() throws IOException {
    selector.select();
  }

  /** The same, with a limit. */
  void await(long millis) throws IOException {
    selector.select(millis);
  }

  /** Returns whether a channel is ready now. */
  boolean poll() throws IOException {
    return selector.selectNow() > 0;
  }

  /** Ends the waiting. Any thread. */
  void wakeUp() {
    selector.wakeup();
  }

  /**
   * Calls the handlers of the channels that were found ready.
   *
   * @param afterEach runs after each
   */
  void handleReady(Runnable afterEach) {
    Set<SelectionKey> ready = selector.selectedKeys();
    if (ready.isEmpty()) {
      return;
    }
    for (SelectionKey key : ready) {
      try {
        Watched watched = Watched.of(key);
        if (key.isValid() && watched.key == key) {
          watched.handler.ready(key.readyOps());
        }
      } catch (CancelledKeyException e) {
        SelectorLoop.CLOSED_BY_ANOTHER.write(e);
      } catch (Throwable e) { // no exception of one connection ends them all
        SelectorLoop.HANDLER_THREW.write(e);
      }
      afterEach.run();
    }
    ready.clear();
  }

  /** The selector had no memory. */
  void distrust() {
    suspect = true;
  }

  /** Returns whether {@link #replaceIfSuspect()} has something to do. */
  boolean isSuspect() {
    return suspect || leftOver != null;
  }

  /**
   * Returns how long a selector that had no memory stays, at least 0. Nobody should wait longer for
   * a channel: it may be one that the selector has lost.
   */
  long nanosToReplacement(long now) {
    return pauseNanos == 0 ? 0 : Math.max(0, failedNanos + pauseNanos - now);
  }

  /** The selector could not be replaced now. */
  void replaceLater(long now) {
    failedNanos = now;
    pauseNanos = Math.min(MOST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pauseNanos));
  }

  /**
   * Replaces a selector that had no memory. To be called where no channel is being handled.
   *
   * @throws IOException if the system gives no selector; as for a lack of memory, this is to be
   *     called again then
   */
  void replaceIfSuspect() throws IOException {
    if (leftOver != null) {
      closeLeftOver(leftOver);
    }
    if (suspect) {
      replace();
    }
    pauseNanos = 0;
  }

  private void replace() throws IOException {
    Selector old = selector;
    Selector fresh = old.provider().openSelector();
    Object[] keys;
    try {
      keys = old.keys().toArray();
      for (Object key : keys) {
        Watched.of((SelectionKey) key).enter((SelectionKey) key, fresh);
      }
    } catch (Throwable e) {
      leftOver = fresh; // a close that has no memory either could not be done again
      throw e;
    }
    for (Object key : keys) {
      Watched.of((SelectionKey) key).move((SelectionKey) key, fresh);
    }
    selector = fresh;
    leftOver = old;
    suspect = false;
    closeLeftOver(old);
  }

  /**
   * Closes a selector that had no memory, which must not find any more keys than it has lost: its
   * close can't be done again, and a closed channel keeps its file descriptor while it has a key.
   */
  private void closeLeftOver(Selector old) throws IOException {
    int cancelled = 0;
    for (Object each : old.keys().toArray()) {
      SelectionKey key = (SelectionKey) each;
      if (key.channel().keyFor(old) == key) {
        key.cancel();
        cancelled++;
        if (cancelled % CANCELLED_AT_ONCE == 0) {
          int unused = old.selectNow();
        }
      }
    }
    int unused = old.selectNow();
    leftOver = null;
    try {
      old.close();
    } catch (Throwable e) { // JDK 17 stumbles over a key that its channel does not know
      SelectorLoop.NOT_CLOSED.write(e);
    }
  }

  /** Closes the selectors; the channels are others' to close. */
  void close() throws IOException {
    try {
      if (leftOver != null) {
        closeLeftOver(leftOver);
      }
    } finally {
      selector.close();
    }
  }

  /** A channel, and for what it is to be watched. The selector's key carries it. */
  private final class Watched implements Loop.Registration {
    private final Loop.Handler handler;
    private int ops;

    /** In the selector of now; null if it is not watched. */
    private @Nullable SelectionKey key;

    Watched(Loop.Handler handler, int ops) {
      this.handler = handler;
      this.ops = ops;
    }

    static Watched of(SelectionKey key) {
      return (Watched) key.attachment();
    }

    @Override
    public void interest(int newOps) {
      ops = newOps;
      SelectionKey current = key;
      if (current != null && current.isValid()) {
        try {
          current.interestOps(newOps);
        } catch (VirtualMachineError e) { // no memory: the next selector is told anew
          suspect = true;
        }
      }
    }

    @Override
    public void cancel() {
      SelectionKey current = key;
      key = null;
      if (current != null) {
        try {
          current.cancel();
        } catch (VirtualMachineError e) { // the same
          suspect = true;
        }
      }
    }

    /** Has a fresh selector watch it too. */
    void enter(SelectionKey current, Selector fresh) throws IOException {
      if (key == current && current.isValid() && current.channel().isOpen()) {
        SelectionKey unused = current.channel().register(fresh, ops, this);
      }
    }

    /** From now on the fresh selector watches it, if it does. Needs no memory. */
    void move(SelectionKey current, Selector fresh) {
      if (key == current) {
        key = current.channel().keyFor(fresh);
      }
    }
  }
}
