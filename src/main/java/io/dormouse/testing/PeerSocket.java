package io.dormouse.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a {@link Peer} does its part with. What it sends waits here until its kernel takes it. */
public final class PeerSocket {
  private static final int READ_AT_ONCE = 64 * 1024;

  private final SimulatedNetwork network;
  private final TcpEnd end;
  private final Peer peer;
  private final ByteQueue waiting = new ByteQueue();
  private final @Nullable TlsSide tls; // null for plain text
  private boolean opened;
  private boolean reading = true;
  private int mostAtOnce = READ_AT_ONCE;
  private Duration pause = Duration.ZERO;
  private boolean finishing;
  private boolean clientEnded;
  private boolean over;
  private boolean turnDue;

  PeerSocket(SimulatedNetwork network, TcpEnd end, Peer peer, @Nullable TlsSide tls) {
    this.tls = tls;
    this.network = network;
    this.end = end;
    this.peer = peer;
  }

  void start() {
    end.onChange(this::turnSoon);
    open();
    turnSoon();
  }

  /** Plain text is open at once, TLS after its handshake. */
  private void open() {
    if (!opened && (tls == null || tls.isOpen())) {
      opened = true;
      peer.opened(this);
    }
  }

  /**
   * Returns who has connected.
   *
   * @return the client's address
   */
  public InetSocketAddress remoteAddress() {
    return end.remote;
  }

  /**
   * Sends bytes after those before.
   *
   * @param bytes what, from its position to its limit
   */
  public void send(ByteBuffer bytes) {
    if (tls == null) {
      waiting.add(bytes, bytes.remaining());
    } else {
      tls.send(bytes);
    }
    turnSoon();
  }

  /** Ends its side after what is sent; what comes is still read. */
  public void finish() {
    finishing = true;
    turnSoon();
  }

  /** Resets the stream. */
  public void reset() {
    over = true;
    end.close(true);
  }

  /** Closes the stream; with unread bytes that is a reset. */
  public void close() {
    over = true;
    end.close(false);
  }

  /** Reads no more, so that the client is pushed back once the buffers are full. */
  public void stopReading() {
    reading = false;
  }

  /** Reads again. */
  public void resumeReading() {
    reading = !clientEnded;
    turnSoon();
  }

  /**
   * Reads at most so many bytes, and then none for a while.
   *
   * @param bytes what, from its position to its limit
   * @param each how long it reads none; positive
   */
  public void readSlowly(int bytes, Duration each) {
    mostAtOnce = bytes;
    pause = each;
  }

  /** Reads again, as fast as it can. */
  public void readFast() {
    mostAtOnce = READ_AT_ONCE;
    pause = Duration.ZERO;
    resumeReading();
  }

  /**
   * Returns whether its machine still knows of the stream, and it was not closed here.
   *
   * @return false once it was reset, closed, or closed by both
   */
  public boolean isAlive() {
    return !over && end.isKnown();
  }

  /**
   * Does something later, unless the stream is over by then.
   *
   * @param time from now on; zero or more
   * @param action what
   */
  public void after(Duration time, Runnable action) {
    network.after(
        time.toNanos(),
        () -> {
          if (!over) {
            action.run();
          }
        });
  }

  private void turnSoon() {
    if (!turnDue && !over) {
      turnDue = true;
      network.execute(this::turn);
    }
  }

  private void turn() {
    turnDue = false;
    if (over) {
      return;
    }
    try {
      write();
      if (reading && end.isReadable()) {
        read();
      }
    } catch (IOException e) {
      over = true;
      end.close(false);
      peer.broken(this);
    }
  }

  private void write() throws IOException {
    if (tls != null) {
      tls.speak(waiting);
      if (finishing && !tls.hasToEncrypt()) {
        tls.end(waiting);
      }
    }
    while (waiting.size() > 0 && end.isWritable()) {
      ByteBuffer next = waiting.remove(READ_AT_ONCE);
      end.write(next);
      if (next.hasRemaining()) {
        ByteQueue rest = new ByteQueue();
        rest.add(next, next.remaining());
        rest.add(waiting.remove(waiting.size()), Integer.MAX_VALUE);
        waiting.add(rest.remove(rest.size()), Integer.MAX_VALUE);
        return;
      }
    }
    if (finishing && waiting.size() == 0) {
      finishing = false;
      end.shutdownOutput();
    }
  }

  private void clientHasEnded() {
    reading = false;
    if (!clientEnded) {
      clientEnded = true;
      if (opened) {
        peer.ended(this);
      } else {
        close(); // in the middle of its handshake
      }
    }
  }

  private void receive(ByteBuffer bytes) throws IOException {
    if (tls == null) {
      peer.received(this, bytes);
      return;
    }
    ByteQueue plain = tls.received(bytes, waiting);
    open();
    if (plain.size() > 0) {
      peer.received(this, plain.remove(plain.size()));
    }
    if (tls.hasEnded()) {
      clientHasEnded();
    }
  }

  private void read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(mostAtOnce);
    int count = end.read(bytes);
    if (count < 0) {
      clientHasEnded();
      return;
    }
    receive(ByteQueue.flipped(bytes));
    if (!pause.isZero() && reading) {
      reading = false;
      after(pause, this::resumeReading);
    }
    turnSoon();
  }
}
