package io.dormouse.websocket;

import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.java_websocket.enums.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * Answers the server's pings, in order. A server that sends pings faster than it reads the pongs
 * gets fewer of them: RFC 6455, section 5.5.3, allows one pong for the latest of several pings.
 * Loop only.
 */
final class Pongs {
  /** Bytes of pongs that wait to be written; above that only the latest ping is remembered. */
  private static final long MOST_UNWRITTEN = 64 * 1024;

  /** Pongs for one read, before the one for the latest ping, so that a flood costs little time. */
  private static final int MOST_PER_READ = 64;

  /** How long to wait for room for a pong if there was none. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Loop loop;
  private final Stream stream;
  private int answered; // in this read
  private @Nullable ByteBuffer latest; // data of a ping that has no pong yet
  private Loop.@Nullable Timer retry;

  Pongs(Loop loop, Stream stream) {
    this.loop = loop;
    this.stream = stream;
  }

  /** Answers a ping, or remembers it as the latest. */
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

  /** One read is over: answers the latest ping if it has no pong yet. */
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

  /** Sends no more pongs. */
  void stop() {
    latest = null;
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }
}
