package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP socket of one generation, from the look-up of its host to its end. Loop only.
 *
 * <p>It ends with exactly one of {@link StreamListener#finished()}, {@link StreamListener#failed}
 * or {@link #abort()}, and then holds no socket.
 */
public final class Stream {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private static final int READ_BUFFER = 64 * 1024;

  /** After so many reads or bytes the other connections have their turn. */
  private static final int READS_PER_TURN = 8;

  private static final int WRITTEN_PER_TURN = 1 << 20;

  /** What is received is put into memory of this kind, for the listener to take it from. */
  public enum Memory {
    /** An array with offset 0. The JDK has to copy all that comes into it. */
    ARRAY,
    /** Outside the heap, where the system puts it without a copy. */
    DIRECT
  }

  // One each for all connections of a loop, since they read one after the other.
  private static final ThreadLocal<ByteBuffer> ARRAY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(READ_BUFFER));
  private static final ThreadLocal<ByteBuffer> DIRECT =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(READ_BUFFER));

  /** What the socket is used for. */
  private enum Phase {
    DIALING,
    CARRYING,
    FLUSHING,
    FINISHING,
    GONE
  }

  private final Generation generation;
  private final Loop loop;
  private final StreamOptions options;
  private final StreamListener listener;
  private final Memory memory;
  private final Dialer dialer;
  private final WriteQueue writes = new WriteQueue();
  private final Lane lane = new Lane();

  private Phase phase = Phase.DIALING;
  private @Nullable SocketChannel channel;
  private Loop.@Nullable Registration registration;
  private boolean writeDue; // a write is put off to the round's end
  private boolean writeBlocked; // the system takes no more for now
  private boolean readStopped;
  private boolean peerFinished;
  private long receivedNanos;
  private long drainedNanos; // when the system, which was full, had room again
  private Loop.@Nullable Timer timer; // idle while in use, linger while finishing

  /** Creates a stream that {@link #dial} lets begin. */
  public Stream(
      Generation generation, StreamOptions options, StreamListener listener, Memory memory) {
    this.generation = generation;
    this.loop = generation.loop();
    this.options = options;
    this.listener = listener;
    this.memory = memory;
    this.dialer = new Dialer(generation, options, this::connected, this::fail);
  }

  /**
   * Connects.
   *
   * @param timeoutNanos for all addresses together
   * @param endpoint asked off the loop; an unresolved address is looked up, all its addresses are
   *     tried
   */
  public void dial(long timeoutNanos, Endpoint endpoint) {
    dialer.dial(timeoutNanos, endpoint);
  }

  private void connected(SocketChannel connected) {
    try {
      channel = connected;
      registration = loop.register(connected, 0, this::ready);
      phase = Phase.CARRYING;
      receivedNanos = loop.nanoTime();
      drainedNanos = receivedNanos;
      watchIdle();
      updateInterest();
      lane.open();
    } catch (IOException e) {
      fail(lost(e));
      return;
    }
    listener.connected();
  }

  // --------------------------------------------------------------------------------- reading

  private void ready(int ops) {
    try {
      if ((ops & SelectionKey.OP_READ) != 0) {
        read();
      }
      if ((ops & SelectionKey.OP_WRITE) != 0) {
        writeBlocked = false;
        drainedNanos = loop.nanoTime();
        write();
      }
    } catch (RuntimeException e) {
      fail(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, e.toString(), e));
      throw e;
    }
  }

  private void read() {
    ByteBuffer buffer = (memory == Memory.DIRECT ? DIRECT : ARRAY).get();
    for (int i = 0; i < READS_PER_TURN && mayRead(); i++) {
      ((Buffer) buffer).clear(); // as a Buffer: Android 8 has no ByteBuffer.clear()
      int count = readOnce(buffer);
      if (count < 0) {
        peerFinished();
        return;
      } else if (count == 0) {
        return;
      }
      receivedNanos = loop.nanoTime();
      ((Buffer) buffer).flip();
      if (!listener.received(buffer)) {
        readStopped = true;
        updateInterest();
      }
      if (count < READ_BUFFER) {
        return; // most likely that was all; if not, the selector says so
      }
    }
  }

  private boolean mayRead() {
    return channel != null && !readStopped && !peerFinished;
  }

  /** Returns how many bytes were read, -1 at the end of the stream, and 0 also if it failed. */
  private int readOnce(ByteBuffer buffer) {
    SocketChannel open = channel;
    if (open == null) {
      return 0;
    }
    try {
      return open.read(buffer);
    } catch (IOException e) {
      fail(lost(e));
      return 0;
    }
  }

  /**
   * The peer sends no more. What we have accepted may still reach it; if nothing has, that's all.
   */
  private void peerFinished() {
    peerFinished = true;
    updateInterest();
    if (phase == Phase.FINISHING && writes.isEmpty()) {
      finished();
    } else if (phase == Phase.CARRYING) {
      fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
    }
  }

  /** Goes on reading after {@link StreamListener#received} had it stopped. */
  public void resumeReading() {
    readStopped = false;
    receivedNanos = loop.nanoTime(); // the silence was ours
    updateInterest();
  }

  // --------------------------------------------------------------------------------- writing

  /** Writes bytes that belong to no send. They must not be changed any more. */
  public void write(ByteBuffer bytes) {
    write(bytes, null, true);
  }

  /**
   * Writes bytes, and settles their message when the last of it is written.
   *
   * @param last whether this is the last run of the message's bytes
   */
  public void write(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {
    if (phase == Phase.GONE) {
      return; // the generation's end settles the message
    }
    writes.add(bytes, message, last);
    if (!writeDue && !writeBlocked) {
      writeDue = true;
      loop.atRoundEnd(this::writeSoon); // together with what else is sent in this round
    }
  }

  private void writeSoon() {
    writeDue = false;
    write();
  }

  private void write() {
    SocketChannel open = channel;
    if (open == null || writeBlocked || phase == Phase.GONE || !lane.claim()) {
      return; // a sender who has the lane brings us back here when it is done
    }
    try {
      boolean taken = writes.writeTo(open, WRITTEN_PER_TURN);
      writeBlocked = !taken || !writes.isEmpty();
      updateInterest();
    } catch (IOException e) {
      fail(lost(e));
      return;
    }
    if (!writes.isEmpty()) {
      return;
    } else if (phase == Phase.CARRYING) {
      lane.open();
    } else if (phase == Phase.FLUSHING) {
      listener.flushed();
    } else if (phase == Phase.FINISHING) {
      sayGoodbye(open);
    }
  }

  /**
   * Returns a way for sends that spares them the loop; null if there is no socket.
   *
   * @param encoder makes a message's bytes, on the sender's thread
   */
  public <T> @Nullable DirectWrite<T> shortcut(Function<T, ByteBuffer> encoder) {
    SocketChannel open = channel;
    return open == null ? null : new LaneShortcut<>(this, lane, open, encoder);
  }

  /** The sender who has the lane returns it. Any thread. */
  void laneReturnedSoon() {
    try {
      loop.execute(this::laneReturned);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", generation.connectionName(), e);
    }
  }

  private void laneReturned() {
    lane.returned();
    write();
  }

  /** The sender who has the lane returns it, with the rest of its message. */
  void takeOver(@Nullable Outgoing<?> message, ByteBuffer rest) {
    writes.addFirst(rest, message);
    laneReturned();
  }

  /** Tells as soon as all is written, which may be at once. */
  public void flush() {
    if (phase == Phase.CARRYING) {
      phase = Phase.FLUSHING;
      write();
    }
  }

  /** Goes on as if {@link #flush()} had not been. */
  public void unflush() {
    if (phase == Phase.FLUSHING) {
      phase = Phase.CARRYING;
      if (peerFinished) {
        fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
      } else {
        write(); // which opens the lane if nothing waits
      }
    }
  }

  /**
   * Says goodbye after what is still to be written: our FIN, and then the peer's is waited for. The
   * kernel's own lingering is not used, since on Linux it blocks the closing thread.
   */
  public void finish() {
    if (phase == Phase.CARRYING || phase == Phase.FLUSHING) {
      phase = Phase.FINISHING;
      cancelTimer();
      write();
    }
  }

  private void sayGoodbye(SocketChannel open) {
    boolean reset = options.linger().isPresent() && options.linger().get().isZero();
    try {
      if (reset) {
        open.setOption(StandardSocketOptions.SO_LINGER, 0);
      } else {
        open.shutdownOutput();
      }
    } catch (IOException e) {
      fail(lost(e));
      return;
    }
    if (reset || peerFinished) {
      finished();
    } else if (options.linger().isPresent() && timer == null) {
      timer = loop.schedule(options.linger().get().toNanos(), this::finished);
    }
  }

  private void finished() {
    end();
    listener.finished();
  }

  // ------------------------------------------------------------------------------------ the end

  private void fail(CloseReason reason) {
    if (phase != Phase.GONE) {
      end();
      listener.failed(reason);
    }
  }

  /** Writes what the system takes at once, and gives the socket back. Says nothing. */
  public void writeAndClose() {
    SocketChannel open = channel;
    if (open != null && lane.claim()) {
      try {
        writes.writeTo(open, WRITTEN_PER_TURN);
      } catch (IOException e) {
        log.debug("{}: the last words did not get through", generation.connectionName(), e);
      }
    }
    end();
  }

  /** Returns how many bytes wait to be written that belong to no send. */
  public long unwrittenOwnBytes() {
    return writes.ownBytes();
  }

  /** Returns whether {@link StreamListener#received} had the reading stopped. */
  public boolean isReadingStopped() {
    return readStopped;
  }

  /** Returns when bytes came last, on the loop's clock. */
  public long receivedNanos() {
    return receivedNanos;
  }

  /**
   * Returns when the peer's system last took so much of what waits to be written that there was
   * room for more, on the loop's clock.
   */
  public long drainedNanos() {
    return drainedNanos;
  }

  /** Gives the socket back, and says nothing. */
  public void abort() {
    end();
  }

  private void end() {
    phase = Phase.GONE;
    boolean unused = lane.claim(); // no sender is let in any more
    cancelTimer();
    dialer.abort();
    registration = null;
    if (channel != null) {
      Channels.close(generation.connectionName(), channel);
      channel = null;
    }
  }

  /** Returns how many sockets are open: 0 or 1. */
  public int openSockets() {
    return dialer.openSockets() + (channel != null && channel.isOpen() ? 1 : 0);
  }

  /** Returns where the socket is connected to; null if it isn't. */
  public @Nullable SocketAddress remoteAddress() {
    try {
      return channel == null ? null : channel.getRemoteAddress();
    } catch (IOException e) {
      return null; // closed under our hands, so it isn't connected
    }
  }

  /** Returns the socket's own address; null if there is none. */
  public @Nullable SocketAddress localAddress() {
    try {
      return channel == null ? null : channel.getLocalAddress();
    } catch (IOException e) {
      return null; // closed under our hands, so there is none
    }
  }

  // ----------------------------------------------------------------------------------- limits

  private void watchIdle() {
    if (options.idleTimeout().isPresent()) {
      Duration allowed = options.idleTimeout().get();
      timer = loop.schedule(allowed.toNanos(), () -> checkIdle(allowed));
    }
  }

  private void checkIdle(Duration allowed) {
    long left = allowed.toNanos() - (loop.nanoTime() - receivedNanos);
    if (readStopped) {
      left = allowed.toNanos();
    }
    if (left <= 0) {
      fail(CloseReason.of(CloseReason.Kind.IDLE_TIMEOUT, "nothing received for " + allowed));
    } else {
      timer = loop.schedule(left, () -> checkIdle(allowed));
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void updateInterest() {
    if (registration != null && channel != null) {
      int read = mayRead() ? SelectionKey.OP_READ : 0;
      int write = writeBlocked ? SelectionKey.OP_WRITE : 0;
      registration.interest(read | write);
    }
  }

  /** The platform has no codes for these, only words. */
  private static CloseReason lost(IOException e) {
    String text = String.valueOf(e.getMessage());
    String words = text.toLowerCase(Locale.ROOT);
    boolean reset = words.contains("reset") || words.contains("broken pipe");
    return CloseReason.of(
        reset ? CloseReason.Kind.PEER_RESET : CloseReason.Kind.NETWORK_LOST, text, e);
  }
}
