package io.dormouse.tcp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the messages in the bytes of one socket. A decoder is made anew for each generation and is
 * called by one thread at a time, so it may keep what it has seen in fields. It runs on the
 * callback executor, as the callback does that takes its messages, and never on the I/O thread.
 *
 * @param <M> what a message becomes
 */
@FunctionalInterface
public interface MessageDecoder<M> {
  /**
   * {@return the next message, and moves the position behind it; or returns null if the message is
   * not complete} Then it is called again when more has come: with the bytes that it has left
   * unread, and those behind them. It may take bytes without returning a message. It is called with
   * at least one byte, and as long as it returns messages and bytes are left.
   *
   * @param bytes from its position to its limit; valid during the call, and to be read only
   * @throws MessageTooLongException if the message is longer than the decoder allows; the
   *     generation ends with {@code LIMIT_EXCEEDED}
   * @throws Exception if the bytes make no sense; the generation ends with {@code PROTOCOL_ERROR}
   */
  @Nullable M decode(ByteBuffer bytes) throws Exception;

  /**
   * {@return what is left as a message; null if it is none, and is dropped} Called once, when the
   * peer has ended its side of the connection, with what {@link #decode} has left unread, which may
   * be nothing. If this method is not overridden, a message that is cut off is no message.
   *
   * @param bytes from its position to its limit, which may be the same; valid during the call, and
   *     to be read only
   * @throws Exception as {@link #decode} does
   */
  default @Nullable M decodeLast(ByteBuffer bytes) throws Exception {
    return null;
  }
}
