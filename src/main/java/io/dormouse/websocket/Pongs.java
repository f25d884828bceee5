package io.dormouse.websocket;

import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.java_websocket.enums.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * Answers the server's pings in order. One that sends them faster than it reads the answers gets
 * fewer: RFC 6455, section 5.5.3, lets us answer the latest for all that came before. Loop only.
 */
final class Pongs {
  /** Answers that wait to be written; above that only the latest ping is remembered. */
  private static final long MOST_UNWRITTEN = 64 * 1024;

  /** Answers to what comes in one read, before the latest; so that no flood makes a long step. */
  private static final int MOST_PER_READ = 64;

  /** How soon it is looked again whether there is room for an answer; only if there was none. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Loop loop;
  private final Stream stream;
  private int answered; // in this read
  private @Nullable ByteBuffer latest; // the data of a ping that is still to be answered
  private Loop.@Nullable Timer retry;

  Pongs(Loop loop, Stream stream) {
    this.loop = loop;
    this.stream = stream;
  }

  /** Answers a ping, or remembers it. */
  void answer(ByteBuffer data) {
    if (answered < MOST_PER_READ && hasRoom()) {
      answered++;
      latest = null;
      stream.write(MaskedFrame.of(Opcode.PONG, data));
    } else {
      ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data);
      ((Buffer) copy).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
      latest = copy;
    }
  }

  /** One read is over: answers the latest ping if it was not. */
  void readOver() {
    answered = 0;
    ByteBuffer data = latest;
    if (data == null) {
      return;
    } else if (hasRoom()) {
      latest = null;
      stream.write(MaskedFrame.of(Opcode.PONG, data));
    } else if (retry == null) {
      retry = loop.schedule(RETRY_NANOS, this::retry);
    }
  }

  private void retry() {
    retry = null;
    readOver();
  }

  private boolean hasRoom() {
    return stream.unwrittenOwnBytes() < MOST_UNWRITTEN;
  }

  /** Answers no more. */
  void stop() {
    latest = null;
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }
}
