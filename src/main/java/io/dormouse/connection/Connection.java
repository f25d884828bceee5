package io.dormouse.connection;

import java.util.concurrent.CompletableFuture;

/**
 * What the app registered. A connection outlives its sockets: it is closed when the app goes to the
 * background and connects anew on return, and stays the same object with the same name.
 *
 * <p>A connection is <em>wanted</em> while its registry is open, the app has neither closed nor
 * paused it, and the app is in the foreground or a live long-running task covers it. The registry
 * drives it to where it is wanted, and nothing else opens or closes its sockets.
 *
 * <p>All methods are safe from any thread, callbacks included, and return at once.
 */
public interface Connection extends AutoCloseable {
  /** {@return the name, which is unique in the registry} */
  String name();

  /** {@return what it speaks} */
  ConnectionKind kind();

  /** {@return where it is now} Steps that pass quickly may be missed; a listener misses none. */
  ConnectionState state();

  /** {@return the connection at this moment} */
  ConnectionSnapshot snapshot();

  /**
   * {@return a future that completes as soon as the connection is {@link ConnectionState#OPEN}: at
   * once if it is now} It fails with a {@link NotOpenException} when the connection is closed for
   * good, and waits through everything else; use {@code orTimeout} or {@code get(timeout)} to wait
   * for less. Cancelling it affects nobody else.
   *
   * <p>This future and those of sends complete on threads of the library, never so that the I/O
   * waits, and never on the app's callback executor, so that a callback there may wait for one of
   * them: {@code thenRunAsync(…, executor)} leads back to a thread of the app. Those of one
   * connection complete in order. A dependent that blocks holds up the outcomes behind it, which
   * count against the bound on sends meanwhile, and nothing else; {@code …Async(executor)} runs it
   * elsewhere.
   */
  CompletableFuture<Void> whenOpen();

  /**
   * {@return how many bytes of accepted sends wait: those that the system has not taken, and those
   * whose futures are about to complete} Each send counts with some more than its payload, for what
   * it costs besides. 0 for a kind that sends nothing by itself, such as HTTP.
   */
  long queuedBytes();

  /**
   * Adds a listener for the steps from now on. Adding it twice is the same as once.
   *
   * @param listener called on the callback executor, in order; is held until it is removed
   */
  void addListener(ConnectionListener listener);

  /**
   * Removes a listener. A step on its way to it may still arrive.
   *
   * @param listener the same object as was added; another does nothing
   */
  void removeListener(ConnectionListener listener);

  /**
   * Puts the connection to sleep until {@link #resume()}, whatever the app's lifecycle does:
   * drained and closed like on a suspend. Pausing twice is the same as once; pausing a closed
   * connection does nothing.
   */
  void pause();

  /** Takes {@link #pause()} back. Does nothing if the connection is not paused. */
  void resume();

  /**
   * Ends a backoff and tries again at once, also from {@link ConnectionState#FAILED}. Does nothing
   * in other states: a connection that is not wanted stays asleep.
   */
  void retryNow();

  /**
   * Closes the connection for good. Legal in every state and any number of times. What was accepted
   * before is written and the peer told by a close handshake, within the registry's budget; {@link
   * ConnectionState#CLOSED} is the last that listeners hear. The name is free again at once.
   */
  @Override
  void close();
}
