package io.dormouse.websocket;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import io.dormouse.stream.Stream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.java_websocket.enums.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * Pings the server, and tells if nothing comes from it in time. Loop only, but for {@link
 * #sentDirectly}.
 *
 * <p>A ping waits behind all that was sent before it, of which the systems on both sides may hold
 * megabytes, and nothing tells how much: on a slow link its answer comes late although all is well.
 * So the server gets as much more time as those bytes may need.
 */
final class Heartbeat {
  /** What a link carries at least that is not taken for a dead one, in bytes per second. */
  private static final long SLOWEST_LINK = 64 * 1024;

  private static final long NANOS_PER_BYTE = TimeUnit.SECONDS.toNanos(1) / SLOWEST_LINK;

  /** The systems' buffers end at some 4 MiB, which is a minute on the slowest link. */
  private static final long LONGEST_TRANSIT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Loop loop;
  private final Stream stream;
  private final WebSocketOptions options;
  private final Consumer<CloseReason> dead;

  private Loop.@Nullable Timer timer; // to the next ping, or for its answer
  private boolean heardAwaited; // a ping is out, and nothing has come since
  private boolean pongAwaited;
  private long sent; // by the loop
  private final AtomicLong sentDirectly = new AtomicLong(); // by one sender at a time
  private long sentBefore; // the latest ping
  private long arrivedNanos; // when all that has arrived, on the slowest link

  Heartbeat(Loop loop, Stream stream, WebSocketOptions options, Consumer<CloseReason> dead) {
    this.loop = loop;
    this.stream = stream;
    this.options = options;
    this.dead = dead;
    this.arrivedNanos = loop.nanoTime();
  }

  /** Begins, if the app wants one. */
  void start() {
    options
        .heartbeat()
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

  /** So many bytes go to the stream. */
  void sent(int bytes) {
    sent += bytes;
  }

  /** So many bytes are written by a sender who has the right to write. Any thread. */
  void sentDirectly(int bytes) {
    sentDirectly.lazySet(sentDirectly.get() + bytes);
  }

  /** Something has come, which shows that the peer is there; it may be busy with a long message. */
  void heard() {
    if (heardAwaited) {
      stop();
      start();
    }
  }

  /** A pong has come, so the ping has arrived, and what was sent before it. */
  void answered() {
    if (pongAwaited) {
      pongAwaited = false;
      arrivedNanos = loop.nanoTime();
    }
  }

  private void beat() {
    long now = loop.nanoTime();
    long sentNow = sent + sentDirectly.get();
    long transit =
        Math.max(0, arrivedNanos - now)
            + Math.min(sentNow - sentBefore, LONGEST_TRANSIT_NANOS / NANOS_PER_BYTE)
                * NANOS_PER_BYTE;
    transit = Math.min(transit, LONGEST_TRANSIT_NANOS);
    arrivedNanos = now + transit;
    sentBefore = sentNow;
    heardAwaited = true;
    pongAwaited = true;
    stream.write(MaskedFrame.of(Opcode.PING, ByteBuffer.allocate(0)));
    timer = loop.schedule(options.heartbeatAnswer().toNanos() + transit, () -> check(now));
  }

  /**
   * Nothing has come in time, but it may be we who don't read, or the ping may wait behind what we
   * send: as long as that moves, the peer is there too.
   */
  private void check(long pingedNanos) {
    boolean notRead = stream.isReadingStopped() || stream.receivedNanos() - pingedNanos >= 0;
    if (notRead || stream.drainedNanos() - pingedNanos >= 0) {
      stop();
      start();
    } else {
      dead.accept(CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT));
    }
  }
}
