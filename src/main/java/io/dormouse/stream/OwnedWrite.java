package io.dormouse.stream;

import io.dormouse.engine.DirectWrite;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages to a stream's transport on their senders' threads, each while its sender has the
 * {@link WriteOwnership}.
 *
 * @param <T> what is sent
 */
final class OwnedWrite<T> implements DirectWrite<T> {
  private final Stream stream;
  private final WriteOwnership ownership;
  private final Transport transport;
  private final Function<T, ByteBuffer> encoder;

  OwnedWrite(
      Stream stream,
      WriteOwnership ownership,
      Transport transport,
      Function<T, ByteBuffer> encoder) {
    this.stream = stream;
    this.ownership = ownership;
    this.transport = transport;
    this.encoder = encoder;
  }

  @Override
  public @Nullable CompletableFuture<Void> write(T payload, int size, Sender<T> sender) {
    // Android's channels, like those of the JDK before 11, are closed by the interrupt of a thread
    // that writes to them, even if they never block it.
    if (Thread.currentThread().isInterrupted() || !ownership.acquire()) {
      return null;
    }
    boolean begun = false;
    boolean kept = false; // the ownership is not given up
    try {
      ByteBuffer bytes = sender.mayWrite() ? encoder.apply(payload) : null;
      if (bytes == null) {
        return null;
      }
      begun = true;
      int length = bytes.remaining();
      IOException failure = write(bytes);
      if (!bytes.hasRemaining()) {
        return sender.written(size);
      }
      boolean partly = bytes.remaining() < length;
      CompletableFuture<Void> sent =
          sender.leftOver(
              payload, size, partly, message -> stream.takeOver(message, bytes, failure));
      kept = true; // it goes to the loop with the rest
      return sent;
    } catch (Throwable e) {
      if (!begun) {
        return null; // the loop meets it again, and says what it means for the connection
      }
      CompletableFuture<Void> failed = sender.failed(size, e);
      kept = true; // nothing more may be written after what the peer may have got in part
      return failed;
    } finally {
      if (!kept && !ownership.release()) {
        stream.writeSoon();
      }
    }
  }

  /**
   * Writes what the system takes now, which may be nothing.
   *
   * @return what went wrong, for the loop: the system may say it only once
   */
  private @Nullable IOException write(ByteBuffer bytes) {
    try {
      int unused = transport.write(bytes);
      return null;
    } catch (IOException e) {
      return e;
    }
  }
}
