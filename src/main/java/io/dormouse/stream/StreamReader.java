package io.dormouse.stream;

import io.dormouse.loop.Loop;
import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What comes through a transport, on its way to the listener: a bounded amount at a time, and
 * nothing while the listener is behind. Loop only.
 */
final class StreamReader {
  static final int BUFFER = ReadBuffers.SIZE;

  /** After so many reads the other connections have their turn. */
  static final int READS_PER_TURN = 8;

  /** Whom the reader tells; each call may end the stream. */
  interface Listener {
    /** See {@link StreamListener#received}. */
    boolean received(ByteBuffer bytes);

    /** All that had come was read. */
    void inputEmpty();

    /** The peer has ended its side, and all that it sent was read. */
    void inputEnded();

    /** Reading failed. */
    void readFailed(IOException e);
  }

  private final Loop loop;
  private final Listener listener;
  private @Nullable Transport transport;
  private int mostAtOnce = BUFFER;
  private long receivedNanos;
  private boolean stopped; // by the listener
  private boolean discarding;
  private boolean ended;

  StreamReader(Loop loop, Listener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /** From now on bytes come from here. */
  void start(Transport connected) {
    transport = connected;
    receivedNanos = loop.nanoTime();
  }

  /** Reads no more, also if called by the listener in the middle of a turn. */
  void end() {
    transport = null;
  }

  /** From now on reads no more than that at once; less than the buffer, and once in a turn. */
  void readAtOnce(int mostBytes) {
    mostAtOnce = Math.min(mostBytes, BUFFER);
  }

  /** Returns whether it would read what comes. */
  boolean isReading() {
    return transport != null && !stopped && !ended;
  }

  /** Returns whether the listener has stopped the reading. */
  boolean isStopped() {
    return stopped;
  }

  /** Returns whether the peer has ended its side. */
  boolean hasEnded() {
    return ended;
  }

  /** Returns when bytes came last, or the reading was resumed: the silence before was ours. */
  long receivedNanos() {
    return receivedNanos;
  }

  /** Goes on after the listener has stopped the reading. */
  void resume() {
    stopped = false;
    receivedNanos = loop.nanoTime();
  }

  /** From now on reads, whoever is behind, and drops what comes. */
  void discard() {
    discarding = true;
    stopped = false;
  }

  /** Reads what is there, for one turn. */
  void read() {
    ReadBuffers buffers = ReadBuffers.ofThread();
    for (int i = 0; i < READS_PER_TURN; i++) {
      Transport from = transport;
      if (from == null || !isReading()) {
        return;
      }
      ByteBuffer buffer = buffers.current(); // another one, if the last was lent
      ((Buffer) buffer).limit(mostAtOnce);
      int count;
      try {
        count = from.read(buffer);
      } catch (IOException e) {
        listener.readFailed(e);
        return;
      }
      if (count < 0) {
        ended = true;
        listener.inputEnded();
        return;
      } else if (count == 0) {
        listener.inputEmpty();
        return;
      }
      receivedNanos = loop.nanoTime();
      ((Buffer) buffer).flip();
      if (!discarding && !listener.received(buffer)) {
        stopped = !discarding; // which the listener may have asked for meanwhile
      }
      if (count < BUFFER) {
        return; // most likely that was all; if not, the selector says so
      }
    }
  }
}
