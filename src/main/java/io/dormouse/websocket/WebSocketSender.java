package io.dormouse.websocket;

import io.dormouse.check.Check;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Where messages for the peer go in. Messages go out in the order of the calls.
 *
 * <p>Each future has exactly one outcome: it completes when the message has been handed to the
 * system, or fails and says why: with {@link io.dormouse.connection.NotOpenException} or {@link
 * io.dormouse.connection.SendQueueFullException} nothing was sent, with {@link
 * io.dormouse.connection.SendFailedException} the socket ended first. The future completes on a
 * thread of the library, as {@link io.dormouse.connection.Connection#whenOpen()} says. What a
 * callback sends belongs to the socket that it was called for, and fails if that has ended; it may
 * be written by the callback's own thread, which never waits for the peer, and is then done when it
 * is returned.
 */
public interface WebSocketSender {
  /**
   * Sends a text message. A lone surrogate, which UTF-8 can't express, goes out as {@code ?}.
   *
   * @param text may be empty
   * @return the outcome; never null
   */
  CompletableFuture<Void> sendText(String text);

  /**
   * Sends a binary message.
   *
   * @param data from its position to its limit, neither of which is moved; must not be changed
   *     before the future is done
   * @return the outcome; never null
   */
  CompletableFuture<Void> sendBinary(ByteBuffer data);

  /**
   * Sends a binary message.
   *
   * @param data must not be changed before the future is done
   * @return the outcome; never null
   */
  default CompletableFuture<Void> sendBinary(byte[] data) {
    return sendBinary(ByteBuffer.wrap(Check.given("sendBinary", "data", data)));
  }

  /**
   * Sends a ping; {@link WebSocketBuilder#onPong} hears of the answer. The heartbeat sends pings of
   * its own, whose answers it keeps to itself.
   *
   * @param data at most 125 bytes (RFC 6455, section 5.5); must not be changed before the future is
   *     done
   * @return the outcome; never null
   * @throws IllegalArgumentException if the data is longer
   */
  CompletableFuture<Void> sendPing(ByteBuffer data);
}
