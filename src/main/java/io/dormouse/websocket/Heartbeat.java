package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.java_websocket.enums.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * Pings the server, and reports it dead if nothing comes from it in time. Loop only.
 *
 * <p>A ping waits behind everything that was sent before it. The systems on both sides may hold
 * megabytes of that, and don't say how much, so on a slow link the pong of a healthy server comes
 * late. The timeout is extended by the time that those bytes need on the slowest link.
 */
final class Heartbeat {
  /** In bytes per second. A slower link may be taken for a dead server. */
  private static final long SLOWEST_LINK = 64 * 1024;

  private static final long NANOS_PER_BYTE = TimeUnit.SECONDS.toNanos(1) / SLOWEST_LINK;

  /** The systems' buffers hold some 4 MiB at most, which is a minute on the slowest link. */
  private static final long LONGEST_TRANSIT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Loop loop;
  private final Stream stream;
  private final WebSocketOptions options;
  private final Consumer<CloseReason> dead;

  private Loop.@Nullable Timer timer; // of the next ping, or the timeout of the latest
  private boolean heardAwaited; // a ping was sent, and nothing has come since
  private boolean pongAwaited;
  private long sent; // bytes
  private long sentBefore; // bytes before the latest ping
  private long arrivedNanos; // when those have arrived, on the slowest link

  Heartbeat(Loop loop, Stream stream, WebSocketOptions options, Consumer<CloseReason> dead) {
    this.loop = loop;
    this.stream = stream;
    this.options = options;
    this.dead = dead;
    this.arrivedNanos = loop.nanoTime();
  }

  /** Begins, if it is configured. */
  void start() {
    options
        .pingInterval()
        .ifPresent(interval -> timer = loop.schedule(interval.toNanos(), this::beat));
  }

  /** Ends. */
  void stop() {
    heardAwaited = false;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Counts bytes that are sent. */
  void sent(int bytes) {
    sent += bytes;
  }

  /** Something has come: the server is alive, even if its pong waits behind a long message. */
  void heard() {
    if (heardAwaited) {
      stop();
      start();
    }
  }

  /** A pong has come: the ping has arrived, and with it all that was sent before. */
  void answered() {
    if (pongAwaited) {
      pongAwaited = false;
      arrivedNanos = loop.nanoTime();
    }
  }

  private void beat() {
    long now = loop.nanoTime();
    long transit =
        Math.max(0, arrivedNanos - now)
            + Math.min(sent - sentBefore, LONGEST_TRANSIT_NANOS / NANOS_PER_BYTE) * NANOS_PER_BYTE;
    transit = Math.min(transit, LONGEST_TRANSIT_NANOS);
    arrivedNanos = now + transit;
    sentBefore = sent;
    heardAwaited = true;
    pongAwaited = true;
    stream.write(MaskedFrame.of(Opcode.PING, ByteBuffer.allocate(0)));
    timer = loop.schedule(options.pingTimeout().toNanos() + transit, () -> check(now));
  }

  /**
   * Nothing was received in time. That says nothing if we did not read. And as long as the server
   * takes what we send, it is alive too: the ping may wait behind that.
   */
  private void check(long pingedNanos) {
    boolean notRead = stream.isReadingStopped() || stream.receivedNanos() - pingedNanos >= 0;
    boolean drained = stream.drainedNanos() - pingedNanos >= 0;
    if (drained) { // into the systems' buffers, whose bytes count from now
      arrivedNanos = loop.nanoTime() + LONGEST_TRANSIT_NANOS;
    }
    if (notRead || drained) {
      stop();
      start();
    } else {
      dead.accept(CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT));
    }
  }
}
