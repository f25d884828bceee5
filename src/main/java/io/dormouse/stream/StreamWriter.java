package io.dormouse.stream;

import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written to a transport, in order: what is sent in one iteration of the loop goes
 * out together at its end, or there would be nothing to gather: {@code tcp.throughput.up} at 1.57
 * of the bare channel, and 1.04 if each piece is written at once. Loop only.
 */
final class StreamWriter {
  /** After so many bytes the other connections have their turn. */
  static final int WRITTEN_PER_TURN = 1 << 20;

  /** Whom the writer tells; each call may end the stream. */
  interface Listener {
    /** A turn is over: {@link #isBlocked()} may have changed, and what is to be written may be. */
    void wrote();

    /** Writing failed. */
    void writeFailed(IOException e);
  }

  private final Loop loop;
  private final Listener listener;
  private final WriteQueue queue = new WriteQueue();
  private final Runnable atIterationEnd = this::iterationEnds;
  private @Nullable Transport transport;
  private boolean due; // at the end of this iteration
  private boolean blocked; // the transport takes no more for now
  private long drainedNanos;

  StreamWriter(Loop loop, Listener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /** From now on bytes go there. */
  void start(Transport connected) {
    transport = connected;
    drainedNanos = loop.nanoTime();
  }

  /** Writes no more. */
  void end() {
    transport = null;
    queue.clear();
  }

  /** Returns whether it waits until the transport takes more. */
  boolean isBlocked() {
    return blocked;
  }

  /** Returns when the transport, which was full, had room again. */
  long drainedNanos() {
    return drainedNanos;
  }

  /** Returns whether nothing waits to be written. */
  boolean hasWrittenAll() {
    return queue.isEmpty();
  }

  /** Returns whether no send waits to be written. */
  boolean hasWrittenSends() {
    return !queue.hasSends();
  }

  /** Returns how many bytes wait that belong to no send. */
  long ownBytes() {
    return queue.ownBytes();
  }

  /** Adds bytes that go out at the end of the iteration; see {@link WriteQueue#add}. */
  void add(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {
    queue.add(bytes, message, last);
    if (!due && !blocked) {
      due = true;
      loop.atIterationEnd(atIterationEnd);
    }
  }

  private void iterationEnds() {
    due = false;
    write();
  }

  /** The transport takes more. */
  void ready() {
    blocked = false;
    drainedNanos = loop.nanoTime();
    write();
  }

  /** Writes what waits, for one turn. */
  void write() {
    Transport to = transport;
    if (to == null || blocked) {
      return;
    }
    try {
      boolean taken = queue.writeTo(to, WRITTEN_PER_TURN);
      blocked = !taken || !queue.isEmpty();
    } catch (IOException e) {
      listener.writeFailed(e);
      return;
    }
    listener.wrote();
  }

  // ------------------------------------------------------------------------------- closing

  /**
   * Tells the peer that nothing more is written.
   *
   * @return whether that is done; if not, {@link Listener#wrote()} comes once more
   */
  boolean shutdownOutput() throws IOException {
    Transport to = transport;
    blocked = to != null && !to.shutdownOutput();
    return !blocked;
  }
}
