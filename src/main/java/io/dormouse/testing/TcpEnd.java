package io.dormouse.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What one kernel holds of a TCP connection: bounded buffers, the window of the other end, what is
 * on its way there. Behaves as Linux does (tcp(7), RFC 9293): what came before a reset can still be
 * read; the first call after that hears of the reset, a write later of a broken pipe, a read later
 * of the end, or of the reset again if a read has heard of it; closing with unread bytes resets.
 */
final class TcpEnd {
  /** The longest piece that travels by itself. */
  private static final int SEGMENT = 16 * 1024;

  /** After so long without an answer a sender gives up (tcp_retries2 of Linux: 924.6 s). */
  private static final Duration GIVE_UP = Duration.ofSeconds(924);

  private static final String RESET = "Connection reset";

  private enum Kind {
    DATA,
    FIN,
    RESET
  }

  private record Segment(Kind kind, ByteBuffer bytes) {}

  private final SimulatedNetwork network;
  private final Host host;
  private final boolean ours; // not the host's
  final InetSocketAddress local;
  final InetSocketAddress remote;
  private TcpEnd other = this; // until it is joined
  private Runnable onChange = () -> {};

  private final ByteQueue unsent = new ByteQueue();
  private final int sendBuffer;
  private int unacknowledged;
  private int window;
  private boolean outputShut;
  private boolean finSent;
  private long lastArrival;
  private final Deque<Segment> stalled = new ArrayDeque<>();
  private int stalls; // that are over

  private final ByteQueue unread = new ByteQueue();
  private final int receiveBuffer;
  private boolean finReceived;

  private @Nullable String failure; // what the next call throws
  private boolean failed; // nothing works any more
  private boolean resetRead; // a read has met a reset
  private boolean closed; // by its owner
  private boolean gone; // the kernel knows nothing of it any more

  TcpEnd(
      SimulatedNetwork network,
      Host host,
      boolean ours,
      InetSocketAddress local,
      InetSocketAddress remote,
      int sendBuffer,
      int receiveBuffer) {
    this.network = network;
    this.host = host;
    this.ours = ours;
    this.local = local;
    this.remote = remote;
    this.sendBuffer = sendBuffer;
    this.receiveBuffer = receiveBuffer;
    this.lastArrival = network.nanoTime();
  }

  static void join(TcpEnd a, TcpEnd b) {
    a.other = b;
    b.other = a;
    a.window = b.receiveBuffer;
    b.window = a.receiveBuffer;
  }

  /** Is called when it may be ready for more than before. */
  void onChange(Runnable listener) {
    onChange = listener;
  }

  // ------------------------------------------------------------------------ for whoever owns it

  synchronized boolean isReadable() {
    return !closed && (unread.size() > 0 || finReceived || failed);
  }

  synchronized boolean isWritable() {
    return !closed && (failed || (!outputShut && room() > 0));
  }

  private int room() {
    return sendBuffer - unsent.size() - unacknowledged;
  }

  int read(ByteBuffer into) throws IOException {
    int count;
    synchronized (this) {
      checkOpen();
      count = unread.moveTo(into);
      if (count == 0 && failure != null) {
        throwOnRead(failure);
      } else if (count == 0 && resetRead) {
        throw new SocketException(RESET); // again each time, as the JDK does
      } else if (count == 0 && (finReceived || failed)) {
        return -1;
      }
    }
    if (count > 0) {
      reliably(() -> other.windowGrows(count));
    }
    return count;
  }

  /**
   * Once, as the system tells it; the JDK's channels have a class of their own for a reset only.
   */
  private void throwOnRead(String why) throws IOException {
    failure = null;
    resetRead = why.equals(RESET);
    throw resetRead ? new SocketException(RESET) : new IOException(why);
  }

  /** Whether the kernel knows of it. */
  synchronized boolean isKnown() {
    return !gone;
  }

  /** Any thread, one at a time. */
  int write(ByteBuffer from) throws IOException {
    int count;
    synchronized (this) {
      checkOpen();
      if (failed) {
        String first = failure;
        failure = null;
        throw new IOException(
            first == null ? "Broken pipe" : first.equals(RESET) ? RESET + " by peer" : first);
      } else if (outputShut) {
        throw new ClosedChannelException();
      }
      count = unsent.add(from, Math.max(0, room()));
    }
    network.execute(this::pump);
    return count;
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  synchronized void shutdownOutput() throws IOException {
    checkOpen();
    outputShut = true;
    network.execute(this::pump);
  }

  /**
   * The owner wants it no more.
   *
   * @param reset whether the other end is to see a reset in any case
   */
  void close(boolean reset) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (gone) {
        return;
      }
      if (reset || unread.size() > 0) {
        disappear();
        transmit(new Segment(Kind.RESET, ByteBuffer.allocate(0)));
        return;
      }
      outputShut = true;
    }
    network.execute(this::pump);
  }

  /** Its machine has lost power. */
  void vanish() {
    disappear();
    closed = true;
  }

  /** The system takes it away: its owner hears why, and the other end of a reset. */
  void abort(String why) {
    if (isKnown()) {
      fail(why);
      transmit(new Segment(Kind.RESET, ByteBuffer.allocate(0)));
    }
  }

  private void disappear() {
    gone = true;
    unsent.clear();
    unread.clear();
    stalled.clear();
    host.forget(this);
  }

  // ------------------------------------------------------------------------------- on its way

  private synchronized void pump() {
    while (!gone && unsent.size() > 0 && window > 0) {
      ByteBuffer bytes = unsent.remove(Math.min(SEGMENT, window));
      window -= bytes.remaining();
      unacknowledged += bytes.remaining();
      transmit(new Segment(Kind.DATA, bytes));
    }
    if (!gone && outputShut && !finSent && unsent.size() == 0) {
      finSent = true;
      transmit(new Segment(Kind.FIN, ByteBuffer.allocate(0)));
      if (closed && finReceived) {
        disappear();
      }
    }
  }

  private void transmit(Segment segment) {
    long now = network.nanoTime();
    long arrival = now + host.link().reliableNanos(40 + segment.bytes.remaining(), ours);
    if (arrival - lastArrival < 0) {
      arrival = lastArrival; // in order
    }
    lastArrival = arrival;
    network.after(arrival - now, () -> arrive(segment));
  }

  private void arrive(Segment segment) {
    if (!host.isReachable() || !stalled.isEmpty()) {
      if (!gone && segment.kind != Kind.RESET) { // nobody would send it again
        stall(segment);
      }
    } else {
      other.take(segment);
    }
  }

  private void stall(Segment segment) {
    if (stalled.isEmpty()) {
      host.link().whenUp(this::unstall);
      int stall = stalls;
      network.after(GIVE_UP.toNanos(), () -> giveUp(stall));
    }
    stalled.add(segment);
  }

  private void unstall() {
    if (!host.isReachable()) {
      host.link().whenUp(this::unstall);
      return;
    }
    stalls++;
    while (!stalled.isEmpty()) {
      other.take(stalled.remove());
    }
  }

  private void giveUp(int stall) {
    if (stall == stalls && !stalled.isEmpty()) {
      fail("Connection timed out");
    }
  }

  private void take(Segment segment) {
    network.trace(remote, local, segment.kind.name(), segment.bytes);
    if (segment.kind == Kind.RESET) {
      fail(RESET);
    } else if (gone || (closed && segment.kind == Kind.DATA)) {
      if (!gone) {
        disappear();
      }
      network.after(host.link().nanos(40, ours), this::resetOther); // may get lost, as any RST
    } else if (segment.kind == Kind.DATA) {
      int count = segment.bytes.remaining();
      synchronized (this) {
        unread.add(segment.bytes, count);
      }
      reliably(() -> other.acknowledged(count));
      onChange.run();
    } else {
      finReceived = true;
      if (closed && finSent) {
        disappear();
      }
      onChange.run();
    }
  }

  private void resetOther() {
    if (host.isReachable() && !other.gone) {
      other.fail(RESET);
    }
  }

  private void fail(String why) {
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
      failed = true;
      failure = why;
      unsent.clear();
      stalled.clear();
    }
    host.forget(this);
    onChange.run();
  }

  /** What TCP repeats until it has arrived, and whose order does not matter. */
  private void reliably(Runnable arrival) {
    network.execute(
        () ->
            network.after(
                host.link().reliableNanos(40, ours),
                () -> {
                  if (host.isReachable()) {
                    arrival.run();
                  } else {
                    host.link().whenUp(arrival);
                  }
                }));
  }

  private void acknowledged(int count) {
    synchronized (this) {
      unacknowledged -= count;
    }
    pump();
    onChange.run();
  }

  private void windowGrows(int count) {
    synchronized (this) {
      window += count;
    }
    pump();
  }
}
