package io.dormouse.stream;

import io.dormouse.engine.DirectWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes messages to a stream's socket on their senders' threads, each while its sender has the
 * {@link Lane}.
 *
 * @param <T> what is sent
 */
final class LaneShortcut<T> implements DirectWrite<T> {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Stream stream;
  private final Lane lane;
  private final Transport transport;
  private final Function<T, ByteBuffer> encoder;

  LaneShortcut(Stream stream, Lane lane, Transport transport, Function<T, ByteBuffer> encoder) {
    this.stream = stream;
    this.lane = lane;
    this.transport = transport;
    this.encoder = encoder;
  }

  @Override
  public @Nullable CompletableFuture<Void> write(T payload, int size, Sender<T> sender) {
    if (!lane.take()) {
      return null;
    }
    boolean begun = false;
    boolean handedOver = false;
    try {
      ByteBuffer bytes = sender.mayWrite() ? encoder.apply(payload) : null;
      if (bytes == null) {
        return null;
      }
      begun = true;
      int length = bytes.remaining();
      write(bytes);
      if (!bytes.hasRemaining()) {
        return sender.written(size);
      }
      boolean partly = bytes.remaining() < length;
      CompletableFuture<Void> sent =
          sender.leftOver(payload, size, partly, message -> stream.takeOver(message, bytes));
      handedOver = true; // the lane goes with the rest
      return sent;
    } catch (Throwable e) {
      if (!begun) {
        return null; // the loop meets it again, and says what it means for the connection
      }
      CompletableFuture<Void> failed = sender.failed(size, e);
      handedOver = true; // nothing more may be written after what the peer may have got in part
      return failed;
    } finally {
      if (!handedOver && !lane.giveBack()) {
        stream.laneReturnedSoon();
      }
    }
  }

  /** Writes what the system takes now, which may be nothing. */
  private void write(ByteBuffer bytes) {
    try {
      int unused = transport.write(bytes);
    } catch (IOException e) {
      log.debug("a send met the end of its socket first", e); // and the loop will
    }
  }
}
