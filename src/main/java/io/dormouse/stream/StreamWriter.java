package io.dormouse.stream;

import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be written to a transport, in order: what is sent in one iteration of the loop goes
 * out together at its end. Loop only; senders on other threads {@linkplain #directWrite write
 * directly} while they have the {@link WriteOwnership}.
 */
final class StreamWriter {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** After so many bytes the other connections have their turn. */
  static final int WRITTEN_PER_TURN = 1 << 20;

  /** Whom the writer tells; each call may end the stream. */
  interface Listener {
    /**
     * A turn is over: {@link #isBlocked()} may have changed, and what is to be written may be. No
     * sender writes: the loop has the ownership.
     */
    void wrote();

    /** Writing failed. */
    void writeFailed(IOException e);
  }

  private final Loop loop;
  private final Listener listener;
  private final WriteQueue queue = new WriteQueue();
  private final WriteOwnership ownership = new WriteOwnership();
  private final Runnable atIterationEnd = this::iterationEnds;
  private final Runnable released = this::write; // made beforehand: there may be no memory then
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
    ownership.offer();
  }

  /** Writes no more, and lets no sender in. */
  void end() {
    transport = null;
    ownership.revoke();
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

  /** Returns whether nothing waits to be written. A sender may still write. */
  boolean hasWrittenAll() {
    return queue.isEmpty();
  }

  /** Returns whether no send waits to be written, and no sender writes nor will. */
  boolean hasWrittenSends() {
    return !queue.hasSends() && ownership.request();
  }

  /** Returns how many bytes wait that belong to no send. */
  long ownBytes() {
    return queue.ownBytes();
  }

  /** Adds bytes that go out at the end of the iteration; see {@link WriteQueue#add}. */
  void add(ByteBuffer bytes, @Nullable Outgoing<?> message, boolean last) {
    queue.add(bytes, message, last);
    boolean unused = ownership.request(); // from now on no sender overtakes it
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

  /** Writes what waits, for one turn. A sender who has the ownership brings us back. */
  void write() {
    Transport to = transport;
    if (to == null || blocked || !ownership.request()) {
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

  // ------------------------------------------------------------------------- direct writes

  /** Lets senders write until something waits again. */
  void letSendersWrite() {
    ownership.offer();
  }

  /**
   * Returns what writes messages on their senders' threads; null if there is no transport.
   *
   * @param encoder makes a message's bytes, on the sender's thread
   */
  <T> @Nullable DirectWrite<T> directWrite(Function<T, ByteBuffer> encoder) {
    Transport open = transport;
    return open == null ? null : new OwnedWrite<>(this, ownership, open, encoder);
  }

  /**
   * The sender who has the ownership gives it up. If the loop waits for it, it writes. Any thread.
   */
  void release() {
    if (ownership.release()) {
      return;
    }
    try {
      loop.execute(released);
    } catch (RejectedExecutionException e) {
      log.debug("a send was the last of its registry", e);
    }
  }

  /**
   * The sender who has the ownership leaves it to the loop, with the rest of its message.
   *
   * @param failure what it has met
   */
  void takeOver(@Nullable Outgoing<?> message, ByteBuffer rest, @Nullable IOException failure) {
    ownership.handOver();
    if (transport == null) {
      return; // the generation's end settles the message
    }
    queue.addFirst(rest, message);
    if (failure != null) {
      listener.writeFailed(failure);
    } else {
      write();
    }
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
