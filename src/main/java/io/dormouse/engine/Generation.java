package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import io.dormouse.network.Attempt;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * One generation of a connection, from a connect attempt to the end of its socket, as its {@link
 * Wire} sees it: where the wire tells what happened. What a wire tells after its generation has
 * ended is dropped. Loop only, except where a method says otherwise.
 */
public interface Generation extends Attempt {
  /**
   * Returns the loop that the wire lives on. Whatever is handed to it (handlers, timers, tasks)
   * runs under the guard of this generation: if it throws, whatever it throws, the generation ends
   * for that reason and the wire is aborted. So a wire needs no guard of its own.
   */
  @Override
  Loop loop();

  /** Returns the connect timeout in nanoseconds, within which {@link #connected()} is due. */
  @Override
  long connectTimeoutNanos();

  /** Returns how many nanoseconds a peer has to answer our end of the connection with its own. */
  long closeTimeoutNanos();

  /** The socket is up and the protocol's handshake done. */
  void connected();

  /** All that was sent before {@link Wire#flush()} has been written. */
  void flushed();

  /** What {@link Wire#closeGracefully} began is complete, and the socket gone. */
  void closed();

  /** The socket is gone, for this reason. */
  void ended(CloseReason reason);

  /** What {@link Wire#abort} left open is gone now; also after the end of the generation. */
  void released();

  /**
   * Hands something received to the app, on the callback executor, in order.
   *
   * @param bytes its payload, which counts against the bound on what the app has not taken; so does
   *     a constant for what each message costs besides
   * @param callback runs the app's code
   * @return false if the app is behind by more than the bound: the wire stops reading until {@link
   *     Wire#resumeReading()}
   */
  default boolean deliver(int bytes, Runnable callback) {
    return deliver(bytes, callback, () -> {});
  }

  /**
   * The same for a callback that uses what must be given back.
   *
   * @param afterwards runs once in any case: after the callback, in its place if it is dropped, and
   *     also if this method throws; any thread
   */
  boolean deliver(int bytes, Runnable callback, Runnable afterwards);

  /** Counts payload bytes received that are not delivered. Any thread. */
  void countReceived(long bytes);

  /** Counts payload bytes sent that are not an {@link Outgoing}'s. Any thread. */
  void countSent(long bytes);

  /**
   * Counts a TLS handshake.
   *
   * @param isResumed whether it went on with an earlier session
   */
  void countHandshake(boolean isResumed);

  /**
   * Looks something up off the loop, and runs one of the consumers back on it; neither if the
   * generation has ended by then. There is one look-up at a time for a connection: if one of an
   * earlier generation still runs, this one joins it if it is for the same key, and waits for it
   * otherwise.
   *
   * @param key what is looked up; the same key has the same kind of result
   */
  @Override
  <V> void lookUp(Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Asks the app off the loop, and runs one of the consumers back on it; neither if the generation
   * has ended by then. The supplier is interrupted when the generation ends, and not called if that
   * was before its turn. There is one at a time for a connection: one of an earlier generation that
   * does not heed the interrupt is waited for.
   */
  @Override
  <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Does a step of a TLS handshake off the loop, and runs one of the consumers back on it; neither
   * if the generation has ended by then. There is one at a time for a connection: one of an earlier
   * generation is waited for.
   */
  @Override
  <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Runs other blocking work, such as a close that may block, off the loop, and one of the
   * consumers back on it; neither if the generation has ended by then. The work itself is done in
   * any case, also if the generation is over already.
   */
  <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed);
}
