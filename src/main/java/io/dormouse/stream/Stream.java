package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One byte stream of one generation, from the look-up of its host to its end. Loop only.
 *
 * <p>It ends with exactly one of {@link StreamListener#finished()}, {@link StreamListener#failed}
 * or {@link #abort()}, and then holds no socket.
 */
public final class Stream {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** What is received is put into memory of this kind, for the listener to take it from. */
  public enum Memory {
    /** An array with offset 0. The JDK has to copy all that comes into it. */
    ARRAY,
    /** Outside the heap, where the system puts it without a copy. */
    DIRECT
  }

  /** What the transport is used for. */
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
  private final Dialer dialer;
  private final StreamReader reader;
  private final StreamWriter writer;

  private Phase phase = Phase.DIALING;
  private @Nullable Transport transport;
  private Loop.@Nullable Registration registration;
  private int wanted; // what is registered for
  private long receivedNanos;
  private Loop.@Nullable Timer timer; // idle while in use, linger while finishing

  /** Creates a stream that {@link #dial} lets begin. */
  public Stream(
      Generation generation, StreamOptions options, StreamListener listener, Memory memory) {
    this(generation, SocketTransport::open, options, listener, memory);
  }

  /** Creates a stream over other transports than plain sockets. */
  Stream(
      Generation generation,
      Transport.Opener opener,
      StreamOptions options,
      StreamListener listener,
      Memory memory) {
    this.generation = generation;
    this.loop = generation.loop();
    this.options = options;
    this.listener = listener;
    this.dialer = new Dialer(generation, opener, options, this::connected, this::fail);
    this.reader = new StreamReader(memory, new Reading());
    this.writer = new StreamWriter(loop, new Writing());
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

  private void connected(Transport connected) {
    try {
      transport = connected;
      registration = connected.watch(loop, 0, this::ready);
    } catch (IOException e) {
      fail(lost(e));
      return;
    }
    phase = Phase.CARRYING;
    receivedNanos = loop.nanoTime();
    watchIdle();
    reader.start(connected);
    writer.start(connected);
    updateInterest();
    listener.connected();
  }

  private void ready(int ops) {
    try {
      if ((ops & SelectionKey.OP_READ) != 0) {
        reader.read();
        updateInterest();
      }
      if ((ops & SelectionKey.OP_WRITE) != 0) {
        writer.ready();
      }
    } catch (RuntimeException e) {
      fail(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, e.toString(), e));
      throw e;
    }
  }

  private void updateInterest() {
    Loop.Registration registered = registration;
    if (registered == null) {
      return;
    }
    int read = reader.isReading() ? SelectionKey.OP_READ : 0;
    int write = writer.isBlocked() ? SelectionKey.OP_WRITE : 0;
    if (wanted != (read | write)) {
      wanted = read | write;
      registered.interest(wanted);
    }
  }

  // --------------------------------------------------------------------------------- reading

  /** What the reader tells. */
  private final class Reading implements StreamReader.Listener {
    @Override
    public boolean received(ByteBuffer bytes) {
      receivedNanos = loop.nanoTime();
      return listener.received(bytes);
    }

    @Override
    public void inputEmpty() {}

    /**
     * The peer sends no more. What we have accepted may still reach it; if nothing has, that's all.
     */
    @Override
    public void inputEnded() {
      if (phase == Phase.FINISHING && writer.isOutputShut()) {
        finished();
      } else if (phase == Phase.CARRYING) {
        fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
      }
    }

    @Override
    public void readFailed(IOException e) {
      fail(lost(e));
    }
  }

  /** Goes on reading after {@link StreamListener#received} had it stopped. */
  public void resumeReading() {
    reader.resume();
    receivedNanos = loop.nanoTime(); // the silence was ours
    updateInterest();
  }

  /** Returns whether {@link StreamListener#received} had the reading stopped. */
  public boolean isReadingStopped() {
    return reader.isStopped();
  }

  /** Returns when bytes came last, on the loop's clock. */
  public long receivedNanos() {
    return receivedNanos;
  }

  // --------------------------------------------------------------------------------- writing

  /** What the writer tells. */
  private final class Writing implements StreamWriter.Listener {
    @Override
    public void wrote() {
      updateInterest();
    }

    @Override
    public void allWritten() {
      if (phase == Phase.CARRYING) {
        writer.letSendersWrite();
      } else if (phase == Phase.FLUSHING) {
        listener.flushed();
      } else if (phase == Phase.FINISHING) {
        shutdownOutput();
      }
    }

    @Override
    public void writeFailed(IOException e) {
      fail(lost(e));
    }
  }

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
    if (phase != Phase.GONE) { // the generation's end settles the message
      writer.add(bytes, message, last);
    }
  }

  /**
   * Returns a way for sends that spares them the loop; null if there is no socket.
   *
   * @param encoder makes a message's bytes, on the sender's thread
   */
  public <T> @Nullable DirectWrite<T> shortcut(Function<T, ByteBuffer> encoder) {
    Transport open = transport;
    return open == null ? null : new LaneShortcut<>(this, writer.lane(), open, encoder);
  }

  /** The sender who has the lane returns it. Any thread. */
  void laneReturnedSoon() {
    try {
      loop.execute(writer::returned);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", generation.connectionName(), e);
    }
  }

  /** The sender who has the lane returns it, with the rest of its message. */
  void takeOver(@Nullable Outgoing<?> message, ByteBuffer rest) {
    writer.takeOver(message, rest);
  }

  /** Returns how many bytes wait to be written that belong to no send. */
  public long unwrittenOwnBytes() {
    return writer.ownBytes();
  }

  /**
   * Returns when the peer's system last took so much of what waits to be written that there was
   * room for more, on the loop's clock.
   */
  public long drainedNanos() {
    return writer.drainedNanos();
  }

  // --------------------------------------------------------------------------------- closing

  /** Tells as soon as all is written, which may be at once. */
  public void flush() {
    if (phase == Phase.CARRYING) {
      phase = Phase.FLUSHING;
      writer.write();
    }
  }

  /** Goes on as if {@link #flush()} had not been. */
  public void unflush() {
    if (phase == Phase.FLUSHING) {
      phase = Phase.CARRYING;
      if (reader.hasEnded()) {
        fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
      } else {
        writer.write(); // which lets senders write if nothing waits
      }
    }
  }

  /**
   * Ends our side after what is still to be written: our FIN, and then the peer's is waited for.
   * The kernel's own lingering is not used, since on Linux it blocks the closing thread.
   */
  public void finish() {
    if (phase == Phase.CARRYING || phase == Phase.FLUSHING) {
      phase = Phase.FINISHING;
      cancelTimer();
      writer.write();
    }
  }

  private void shutdownOutput() {
    Transport open = transport;
    boolean reset = options.linger().isPresent() && options.linger().get().isZero();
    try {
      if (reset && open != null) {
        open.resetOnClose();
      } else if (!writer.shutdownOutput()) {
        updateInterest();
        return;
      }
    } catch (IOException e) {
      fail(lost(e));
      return;
    }
    if (reset || reader.hasEnded()) {
      finished();
    } else if (options.linger().isPresent() && timer == null) {
      timer = loop.schedule(options.linger().get().toNanos(), this::finished);
    }
  }

  private void finished() {
    end();
    listener.finished();
  }

  private void fail(CloseReason reason) {
    if (phase != Phase.GONE) {
      end();
      listener.failed(reason);
    }
  }

  /** Writes what the system takes at once, and gives the socket back. Says nothing. */
  public void writeAndClose() {
    writer.writeLast();
    end();
  }

  /** Gives the socket back, and says nothing. */
  public void abort() {
    end();
  }

  private void end() {
    phase = Phase.GONE;
    reader.end();
    writer.end();
    cancelTimer();
    dialer.abort();
    registration = null;
    if (transport != null) {
      Channels.close(generation.connectionName(), transport);
      transport = null;
    }
  }

  /** Returns how many sockets are open: 0 or 1. */
  public int openSockets() {
    return dialer.openSockets() + (transport != null && transport.isOpen() ? 1 : 0);
  }

  /** Returns where the socket is connected to; null if it isn't. */
  public @Nullable SocketAddress remoteAddress() {
    return transport == null ? null : transport.remoteAddress();
  }

  /** Returns the socket's own address; null if there is none. */
  public @Nullable SocketAddress localAddress() {
    return transport == null ? null : transport.localAddress();
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
    if (reader.isStopped()) {
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

  /** The platform has no codes for these, only words. */
  private static CloseReason lost(IOException e) {
    String text = String.valueOf(e.getMessage());
    String words = text.toLowerCase(Locale.ROOT);
    boolean reset = words.contains("reset") || words.contains("broken pipe");
    return CloseReason.of(
        reset ? CloseReason.Kind.PEER_RESET : CloseReason.Kind.NETWORK_LOST, text, e);
  }
}
