package io.dormouse.engine;

import java.nio.ByteBuffer;

/**
 * The way of a send from a worker's thread to the socket that spares it the loop: two changes of
 * thread, which cost more than the send itself. It is for one thread at a time, and only while
 * nothing waits on the loop to be written; whoever is not let in goes by the loop.
 *
 * <p>The calls are {@link #enter()}, {@link #encode}, {@link #write}, and then {@link #leave()} or,
 * if bytes are left, {@link #handOver} on the loop. While somebody is inside, the loop writes
 * nothing.
 *
 * @param <T> what is sent
 */
public interface Shortcut<T> {
  /** Lets the caller in, or returns false. Any thread. */
  boolean enter();

  /** Makes a message's bytes. By whom was let in. */
  ByteBuffer encode(T payload);

  /**
   * Writes what the system takes now, which may be nothing; an error of the socket is left for the
   * loop to meet. By whom was let in.
   */
  void write(ByteBuffer bytes);

  /** Lets the next one in. By whom was let in. */
  void leave();

  /** Leaves too, and has the loop write the rest of the message before all else. Loop only. */
  void handOver(Outgoing<T> message, ByteBuffer rest);
}
