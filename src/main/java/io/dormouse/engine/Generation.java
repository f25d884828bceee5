package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * One life of a connection, as its {@link Wire} sees it: where the wire tells what happened. What a
 * wire tells after its generation has ended is dropped. Loop only.
 */
public interface Generation {
  /** Returns the connection's name, for messages. */
  String connectionName();

  /** Returns the loop that the wire lives on. */
  Loop loop();

  /** Returns the connect timeout in nanoseconds, within which {@link #connected()} is due. */
  long connectTimeoutNanos();

  /** The socket is up and the protocol's handshake done. */
  void connected();

  /** All that was sent before {@link Wire#flush()} has been written. */
  void flushed();

  /** The goodbye of {@link Wire#softClose} is complete and the socket gone. */
  void softClosed();

  /** The socket is gone, for this reason. */
  void ended(CloseReason reason);

  /**
   * Hands something received to the app, on the callback executor, in order.
   *
   * @param bytes how much memory it holds until the app has taken it
   * @param callback runs the app's code
   * @return false if the app is behind by more than the bound: the wire stops reading until {@link
   *     Wire#resumeReading()}
   */
  default boolean deliver(int bytes, Runnable callback) {
    return deliver(bytes, bytes, callback);
  }

  /**
   * The same for what holds more memory than its payload says, such as many tiny messages.
   *
   * @param payload bytes, counted as received
   * @param held how many bytes of memory it holds until the app has taken it
   */
  boolean deliver(int payload, int held, Runnable callback);

  /** Counts payload bytes received that are not delivered. */
  void countReceived(long bytes);

  /** Counts payload bytes sent that are not an {@link Outgoing}'s. */
  void countSent(long bytes);

  /**
   * Runs blocking work, such as a name look-up or an app's supplier, off the loop, and one of the
   * consumers back on it; neither if the generation has ended by then.
   */
  <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed);
}
