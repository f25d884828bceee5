package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * One generation's socket or sockets: what a kind of connection implements. A wire is made for one
 * generation, used once, and lives on the loop: every method is called there and none may block.
 *
 * <p>The order of calls is {@code connect}, then any number of {@code send}, {@code flush} and
 * {@code unflush}, then at most one {@code softClose}; {@code abort} may come at any time and is
 * the last. The wire answers through its {@link Generation}; once it has said {@link
 * Generation#ended} it holds no socket and is never called again. If it throws, its generation ends
 * and it is aborted.
 *
 * @param <T> what is sent over it
 */
public interface Wire<T> {
  /** Makes the socket, then says {@link Generation#connected()} or {@link Generation#ended}. */
  void connect();

  /** Writes this after what was sent before, and settles it. */
  void send(Outgoing<T> message);

  /**
   * Nothing more will be sent. Says {@link Generation#flushed()} as soon as all has been written
   * that was sent before, at once if it has.
   */
  void flush();

  /** The app came back during {@link #flush()}: goes on as if that had not been. */
  void unflush();

  /**
   * Says the protocol's goodbye, then {@link Generation#softClosed()} once the socket is gone.
   *
   * @param why for the peer, if the protocol can tell it
   */
  void softClose(CloseReason why);

  /** Gives every socket back before it returns. Says nothing more. */
  void abort();

  /**
   * Returns what writes sends on their callers' threads, for the time from {@link
   * Generation#connected()} on; null if all sends go by the loop. Asked when the connection has
   * become open.
   */
  default @Nullable DirectWrite<T> directWrite() {
    return null;
  }

  /** The app has caught up with its callbacks: reading goes on where {@code deliver} stopped it. */
  void resumeReading();

  /** Returns how many sockets this wire holds open at this moment. */
  int openSockets();
}
