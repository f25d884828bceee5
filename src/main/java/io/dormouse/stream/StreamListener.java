package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import java.nio.ByteBuffer;

/** What a {@link Stream} tells its wire. Loop only. */
public interface StreamListener {
  /** The socket is connected. */
  void connected();

  /**
   * Bytes came.
   *
   * @param bytes outside the heap, and reused after the call unless it is {@linkplain
   *     Stream#lendReceived() lent}
   * @return false to stop reading until {@link Stream#resumeReading()}
   */
  boolean received(ByteBuffer bytes);

  /**
   * The peer has ended its side: nothing more will be received.
   *
   * @return whether something may still be written in answer, until {@link Stream#answered()};
   *     otherwise the stream ends at once ({@code PEER_CLOSED}), or if it is being flushed, then
   */
  default boolean inputEnded() {
    return false;
  }

  /** All sends before {@link Stream#flush()} are with the system. */
  void flushed();

  /** The graceful close of {@link Stream#finish()} is complete, and the socket gone. */
  void finished();

  /** The socket is gone, for this reason. */
  void failed(CloseReason reason);
}
