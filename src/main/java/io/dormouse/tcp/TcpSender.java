package io.dormouse.tcp;

import io.dormouse.check.Check;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * Where bytes for the peer go in. What a message is, {@link Framing#encode} knows, if the
 * connection has a framing.
 */
public interface TcpSender {
  /**
   * Sends bytes. They go out after what was sent before.
   *
   * <p>The future has exactly one outcome: it completes when all bytes have been handed to the
   * system, or fails and says why: with {@link io.dormouse.connection.NotOpenException} or {@link
   * io.dormouse.connection.SendQueueFullException} nothing was sent, with {@link
   * io.dormouse.connection.SendFailedException} the socket ended first. Bytes of which some were
   * written are never sent again on the next socket. The future completes on a thread of the
   * library, as {@link io.dormouse.connection.Connection#whenOpen()} says. What a callback sends
   * belongs to the socket that it was called for, and fails if that has ended; it may be written by
   * the callback's own thread, which never waits for the peer, and is then done when it is
   * returned.
   *
   * @param bytes from its position to its limit, neither of which is moved; must not be changed
   *     before the future is done
   * @return the outcome; never null
   */
  CompletableFuture<Void> send(ByteBuffer bytes);

  /**
   * Sends an array.
   *
   * @param bytes must not be changed before the future is done
   * @return the outcome, as {@link #send(ByteBuffer)} says
   */
  default CompletableFuture<Void> send(byte[] bytes) {
    return send(ByteBuffer.wrap(Check.given("send", "bytes", bytes)));
  }

  /**
   * Sends a text in UTF-8, as it is: no line end is added.
   *
   * @param text may be empty, which sends nothing
   * @return the outcome, as {@link #send(ByteBuffer)} says
   */
  default CompletableFuture<Void> send(String text) {
    return send(Check.given("send", "text", text).getBytes(StandardCharsets.UTF_8));
  }
}
