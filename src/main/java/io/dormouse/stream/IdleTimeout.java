package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a stream on which the peer does nothing for so long: it sends nothing; or, once it has ended
 * its side, takes nothing of the answer. The time in which we don't read, or the app has still to
 * answer, is ours and does not count. Loop only.
 */
final class IdleTimeout {
  private final Loop loop;
  private final Duration allowed;
  private final StreamReader reader;
  private final StreamWriter writer;
  private final BooleanSupplier answered;
  private final Consumer<CloseReason> expired;
  private Loop.@Nullable Timer timer;

  /**
   * Creates one.
   *
   * @param answered whether all that follows from the peer's end is queued
   */
  IdleTimeout(
      Loop loop,
      Duration allowed,
      StreamReader reader,
      StreamWriter writer,
      BooleanSupplier answered,
      Consumer<CloseReason> expired) {
    this.loop = loop;
    this.allowed = allowed;
    this.reader = reader;
    this.writer = writer;
    this.answered = answered;
    this.expired = expired;
  }

  /** Reader and writer have started. */
  void start() {
    checkAfter(allowed.toNanos());
  }

  /** Ends nothing any more. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void checkAfter(long nanos) {
    timer = loop.schedule(nanos, this::check);
  }

  private void check() {
    boolean ours = reader.isStopped() || (reader.hasEnded() && !answered.getAsBoolean());
    long left = ours ? allowed.toNanos() : allowed.toNanos() - quietNanos();
    if (left <= 0) {
      expired.accept(
          CloseReason.of(CloseReason.Kind.IDLE_TIMEOUT, "nothing received for " + allowed));
    } else {
      checkAfter(left);
    }
  }

  private long quietNanos() {
    long now = loop.nanoTime();
    long quiet = now - reader.receivedNanos();
    return reader.hasEnded() ? Math.min(quiet, now - writer.drainedNanos()) : quiet;
  }
}
