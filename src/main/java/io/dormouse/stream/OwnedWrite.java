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
 * {@link WriteOwnership}. Whatever happens, that is released, left to the loop with the rest of the
 * message, or abandoned, which ends the generation.
 *
 * @param <T> what is sent
 */
final class OwnedWrite<T> implements DirectWrite<T> {
  private final StreamWriter writer;
  private final WriteOwnership ownership;
  private final Transport transport;
  private final Function<T, ByteBuffer> encoder;

  OwnedWrite(
      StreamWriter writer,
      WriteOwnership ownership,
      Transport transport,
      Function<T, ByteBuffer> encoder) {
    this.writer = writer;
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
    ByteBuffer bytes;
    try {
      bytes = sender.mayWrite() ? encoder.apply(payload) : null;
    } catch (Throwable e) { // the loop meets it again, and says what it means for the connection
      bytes = null;
    }
    if (bytes == null) {
      writer.release();
      return null;
    }
    try {
      return write(payload, size, bytes, sender);
    } catch (Throwable e) {
      ownership.abandon(); // nothing may follow what the peer may have got in part
      return sender.failed(size, e);
    }
  }

  private CompletableFuture<Void> write(T payload, int size, ByteBuffer bytes, Sender<T> sender) {
    int length = bytes.remaining();
    IOException failure = null; // for the loop: the system may say it only once
    try {
      int unused = transport.write(bytes);
    } catch (IOException e) {
      failure = e;
    }
    if (bytes.hasRemaining()) {
      boolean partly = bytes.remaining() < length;
      IOException met = failure;
      return sender.leftOver(
          payload, size, partly, message -> writer.takeOver(message, bytes, met));
    }
    CompletableFuture<Void> sent = sender.written(size);
    writer.release();
    return sent;
  }
}
