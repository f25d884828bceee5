package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Direct writes that the test plays; what is written is a text. */
final class FakeDirectWrite implements DirectWrite<String> {
  final StringBuilder written = new StringBuilder();
  Runnable onceIn = () -> {};
  Runnable onWrite = () -> {};
  int takes = Integer.MAX_VALUE;
  boolean shut;
  boolean occupied;

  @Override
  public CompletableFuture<Void> write(String payload, int size, Sender<String> sender) {
    if (shut || occupied) {
      return null;
    }
    occupied = true;
    onceIn.run();
    if (!sender.mayWrite()) {
      occupied = false;
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(payload.getBytes(US_ASCII));
    try {
      onWrite.run();
    } catch (Throwable e) {
      return sender.failed(size, e);
    }
    for (int i = 0; i < takes && bytes.hasRemaining(); i++) {
      written.append((char) bytes.get());
    }
    if (bytes.hasRemaining()) {
      return sender.leftOver(payload, size, takes > 0, message -> handOver(message, bytes));
    }
    occupied = false;
    return sender.written(size);
  }

  private void handOver(Outgoing<String> message, ByteBuffer rest) {
    occupied = false;
    written.append('|').append(US_ASCII.decode(rest));
    message.written();
  }
}
