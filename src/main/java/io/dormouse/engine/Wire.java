package io.dormouse.engine;

import io.dormouse.connection.CloseReason;

/**
 * One generation's socket or sockets: what a kind of connection implements. A wire is made for one
 * generation, used once, and lives on the loop: every method is called there and none may block.
 * One that sends too is a {@link SendingWire}.
 *
 * <p>The order of calls is {@code connect}, then any number of {@code flush} and {@code unflush},
 * then at most one {@code closeGracefully}; {@code abort} may come at any time and is the last. The
 * wire answers through its {@link Generation}; once it has said {@link Generation#ended} or {@link
 * Generation#closed} it holds no socket and is never called again. If it throws, its generation
 * ends and it is aborted.
 */
public interface Wire {
  /** Makes the socket, then says {@link Generation#connected()} or {@link Generation#ended}. */
  void connect();

  /**
   * Nothing more will be sent. Says {@link Generation#flushed()} as soon as all has been written
   * that was sent before, at once if it has.
   */
  void flush();

  /** The app came back during {@link #flush()}: goes on as if that had not been. */
  void unflush();

  /**
   * Begins the protocol's close handshake, then says {@link Generation#closed()} once the socket is
   * gone. That may take its time: a client that blocks while it closes does so on threads for
   * blocking work ({@link Generation#offload}).
   *
   * @param why for the peer, if the protocol can tell it
   * @param deadlineNanos when the wire is aborted, by the loop's clock, if it is not closed by
   *     then; it may also be sooner
   */
  void closeGracefully(CloseReason why, long deadlineNanos);

  /**
   * Gives every socket back before it returns, as a rule, and says nothing more. A wire that can't,
   * since closing blocks, begins to, and {@link #releasesLater} says so.
   */
  void abort();

  /**
   * Returns whether what an aborted wire still holds is being closed. A suspend then waits for it,
   * up to the end of its budget; the wire says {@link Generation#released()} when it is gone.
   */
  default boolean releasesLater() {
    return false;
  }

  /**
   * The app has caught up with its callbacks: reading goes on where {@link Generation#deliver}
   * stopped it. One that delivers nothing has nothing to do.
   */
  default void resumeReading() {}

  /** Returns how many sockets this wire holds open at this moment. */
  int openSockets();
}
