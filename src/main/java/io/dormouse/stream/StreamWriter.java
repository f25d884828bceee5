package io.dormouse.stream;

import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written to a transport, in order: what is sent in one iteration of the loop goes
 * out together at its end. Loop only; senders on other threads write past it while they have the
 * {@link Lane}.
 */
final class StreamWriter {
  /** After so many bytes the other connections have their turn. */
  static final int WRITTEN_PER_TURN = 1 << 20;

  /** Whom the writer tells; each call may end the stream. */
  interface Listener {
    /** A turn is over; {@link #isBlocked()} may have changed. */
    void wrote();

    /** Nothing waits to be written, and no sender is about to write: the loop has the lane. */
    void allWritten();

    /** Writing failed. */
    void writeFailed(IOException e);
  }

  private final Loop loop;
  private final Listener listener;
  private final WriteQueue queue = new WriteQueue();
  private final Lane lane = new Lane();
  private final Runnable atIterationEnd = this::writeSoon;
  private @Nullable Transport transport;
  private boolean due; // at the end of this iteration
  private boolean blocked; // the transport takes no more for now
  private long drainedNanos;

  StreamWriter(Loop loop, Listener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /** From now on bytes go there, and senders may write. */
  void start(Transport connected) {
    transport = connected;
    drainedNanos = loop.nanoTime();
    lane.open();
  }

  /** Writes no more, and lets no sender in. */
  void end() {
    transport = null;
    boolean unused = lane.claim();
  }

  /** Returns whether it waits until the transport takes more. */
  boolean isBlocked() {
    return blocked;
  }

  /** Returns when the transport, which was full, had room again. */
  long drainedNanos() {
    return drainedNanos;
  }

  /** Returns how many bytes wait that belong to no send. */
  long ownBytes() {
    return queue.ownBytes();
  }

  Lane lane() {
    return lane;
  }

  /** Adds bytes that go out at the end of the iteration; see {@link WriteQueue#add}. */
  void add(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {
    queue.add(bytes, message, last);
    if (!due && !blocked) {
      due = true;
      loop.atRoundEnd(atIterationEnd);
    }
  }

  private void writeSoon() {
    due = false;
    write();
  }

  /** The transport takes more. */
  void ready() {
    blocked = false;
    drainedNanos = loop.nanoTime();
    write();
  }

  /** Writes what waits, for one turn. A sender who has the lane brings us back when it is done. */
  void write() {
    Transport to = transport;
    if (to == null || blocked || !lane.claim()) {
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
    if (queue.isEmpty()) {
      listener.allWritten();
    }
  }

  /** Lets senders write until something waits again. */
  void letSendersWrite() {
    lane.open();
  }

  /** The sender who had the lane has returned it. */
  void returned() {
    lane.returned();
    write();
  }

  /** The sender who had the lane has returned it, with the rest of its message. */
  void takeOver(@Nullable Outgoing<?> message, ByteBuffer rest) {
    queue.addFirst(rest, message);
    returned();
  }

  /**
   * Tells the peer that nothing more is written.
   *
   * @return whether that is done; if not, {@link Listener#allWritten()} comes once more
   */
  boolean shutdownOutput() throws IOException {
    Transport to = transport;
    blocked = to != null && !to.shutdownOutput();
    return !blocked;
  }
}
