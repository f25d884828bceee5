package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.Loop;
import io.dormouse.network.Dialer;
import io.dormouse.network.Endpoint;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import io.dormouse.tls.SecureDialer;
import io.dormouse.tls.TlsClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One byte stream of one generation, from the look-up of its host to its end. Loop only, except for
 * its addresses.
 *
 * <p>It ends with exactly one of {@link StreamListener#finished()}, {@link StreamListener#failed}
 * or {@link #abort()}, and then holds no socket.
 */
public final class Stream {
  /**
   * What the transport is used for.
   *
   * <pre>{@code
   * DIALING -> CARRYING <-> FLUSHING -> CLOSING -> LINGERING -> CLOSED
   *               '------------+-----> LOST -------------------> CLOSED
   * }</pre>
   */
  private enum Phase {
    /** There is none yet. */
    DIALING,
    /** Both directions are in use. */
    CARRYING,
    /** The same, and the listener is told as soon as all sends are written. */
    FLUSHING,
    /** A write has failed. What the peer sent before is read, and then the end is told. */
    LOST,
    /** What is queued is still written, and what comes is dropped. */
    CLOSING,
    /** Our side is ended, and the peer's end is waited for. What comes is dropped. */
    LINGERING,
    /** There is none any more. */
    CLOSED
  }

  private final Generation generation;
  private final Loop loop;
  private final StreamOptions options;
  private final StreamListener listener;
  private final StreamSocket socket;
  private final StreamReader reader;
  private final StreamWriter writer;

  private Phase phase = Phase.DIALING;
  private @Nullable IdleTimeout idleTimeout; // null if there is no such limit
  private boolean answered; // the peer has ended its side, and all that follows from it is queued
  private @Nullable CloseReason ending; // told after LOST, CLOSING and LINGERING; null: finished
  private Loop.@Nullable Timer closeTimer;

  /** Creates a stream that {@link #dial} lets begin. */
  public Stream(Generation generation, StreamOptions options, StreamListener listener) {
    this.generation = generation;
    this.loop = generation.loop();
    this.options = options;
    this.listener = listener;
    this.socket = new StreamSocket(generation);
    this.reader = new StreamReader(loop, new Reading());
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
    TransportOptions transport = options.transport();
    socket.dial(
        new Dialer(generation, transport, this::connected, this::fail), timeoutNanos, endpoint);
  }

  /**
   * Connects, and does the handshake of TLS if there is to be one.
   *
   * @param tls says how to use TLS, if it is used, as soon as the socket is connected
   */
  public void dial(long timeoutNanos, Endpoint endpoint, Supplier<Optional<TlsClient>> tls) {
    TransportOptions transport = options.transport();
    socket.dial(
        new SecureDialer(generation, transport, tls, this::connected, this::fail),
        timeoutNanos,
        endpoint);
  }

  private void connected(Transport connected) {
    try {
      socket.connected(connected, this::ready);
    } catch (IOException e) {
      fail(Loss.reason(Loss.isReset(e), e));
      return;
    }
    phase = Phase.CARRYING;
    reader.start(connected);
    writer.start(connected);
    options.idleTimeout().ifPresent(this::startIdleTimeout);
    updateInterest();
    tlsSession().ifPresent(session -> generation.countHandshake(session.isResumed()));
    listener.connected();
  }

  private void startIdleTimeout(Duration allowed) {
    IdleTimeout limit = new IdleTimeout(loop, allowed, reader, writer, () -> answered, this::fail);
    idleTimeout = limit;
    limit.start();
  }

  private void stopIdleTimeout() {
    if (idleTimeout != null) {
      idleTimeout.stop();
      idleTimeout = null;
    }
  }

  private void ready(int ops) {
    if ((ops & SelectionKey.OP_READ) != 0) {
      reader.read();
      updateInterest();
    }
    if ((ops & SelectionKey.OP_WRITE) != 0) {
      writer.ready();
    }
  }

  private void updateInterest() {
    socket.watchFor(reader.isReading(), writer.isBlocked());
  }

  // --------------------------------------------------------------------------------- reading

  /** What the reader tells. */
  private final class Reading implements StreamReader.Listener {
    @Override
    public boolean received(ByteBuffer bytes) {
      return listener.received(bytes);
    }

    @Override
    public void inputEmpty() {
      if (phase == Phase.LOST) {
        endingComplete();
      }
    }

    @Override
    public void inputEnded() {
      if (phase == Phase.CARRYING || phase == Phase.FLUSHING) {
        peerEnded();
      } else if (phase == Phase.LOST || phase == Phase.LINGERING) {
        endingComplete();
      }
    }

    @Override
    public void readFailed(IOException e) {
      if (phase == Phase.LOST && Loss.isReset(e)) {
        fail(Loss.reason(true, e));
      } else {
        failed(Loss.reason(Loss.isReset(e), e));
      }
    }
  }

  /**
   * The peer will send no more, but may still read (RFC 9293, section 3.6, case 2): what was
   * accepted goes out, and what the listener answers.
   */
  private void peerEnded() {
    if (!listener.inputEnded()) {
      answered = true;
      if (phase == Phase.CARRYING) {
        fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
      }
    }
  }

  /**
   * All that the listener has to write in answer to what came before the peer's end is {@link
   * #write written}. When it is with the system, the stream ends: {@code PEER_CLOSED}.
   */
  public void answered() {
    answered = true;
    if (phase == Phase.CARRYING) {
      writer.write();
    }
  }

  /** Goes on reading after {@link StreamListener#received} had it stopped. */
  public void resumeReading() {
    boolean wasStopped = reader.isStopped();
    reader.resume();
    updateInterest();
    if (wasStopped && phase == Phase.LOST) {
      readRest();
    }
  }

  /**
   * From now on reads no more than that at once, and if it is less than 64 KiB, once in a turn: for
   * a listener to whom few bytes may be much work.
   */
  public void readAtOnce(int mostBytes) {
    reader.readAtOnce(mostBytes);
  }

  /**
   * Lends the buffer that {@link StreamListener#received} was called with, to be used after the
   * call. Only to be called by that.
   *
   * @return null if too many are lent, and the bytes are to be copied
   */
  public @Nullable LentBuffer lendReceived() {
    return ReadBuffers.ofThread().lend();
  }

  /** Returns whether {@link StreamListener#received} had the reading stopped. */
  public boolean isReadingStopped() {
    return reader.isStopped();
  }

  /** Returns when bytes came last, on the loop's clock. */
  public long receivedNanos() {
    return reader.receivedNanos();
  }

  // --------------------------------------------------------------------------------- writing

  /** What the writer tells. */
  private final class Writing implements StreamWriter.Listener {
    @Override
    public void wrote() {
      updateInterest();
      if (phase == Phase.FLUSHING && writer.hasWrittenSends()) {
        listener.flushed();
      } else if (writer.hasWrittenAll()) {
        allWritten();
      }
    }

    private void allWritten() {
      if (phase == Phase.CARRYING && answered) {
        fail(CloseReason.of(CloseReason.Kind.PEER_CLOSED));
      } else if (phase == Phase.CLOSING) {
        shutdownOutput();
      }
    }

    @Override
    public void writeFailed(IOException e) {
      if (phase == Phase.LOST || phase == Phase.CLOSED) {
        return; // it is known
      }
      // Who writes after the peer's end, and fails, was refused by the peer.
      CloseReason reason = Loss.reason(Loss.isReset(e) || reader.hasEnded(), e);
      if (phase != Phase.CARRYING || reader.hasEnded()) {
        failed(reason); // who leaves does not wait for more
      } else {
        phase = Phase.LOST;
        ending = reason;
        updateInterest(); // a broken socket takes everything at once, and would be ready for ever
        readRest();
      }
    }
  }

  /** Reads what came before a write failed, each time in a turn of its own. */
  private void readRest() {
    loop.execute(
        () -> {
          if (phase == Phase.LOST && reader.isReading()) {
            reader.read();
            readRest();
          }
        });
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
    if (phase == Phase.CARRYING || phase == Phase.FLUSHING) {
      writer.add(bytes, message, last);
    } // else the generation's end settles the message
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

  /**
   * Tells as soon as all sends are written, which may be at once. Bytes that belong to none are not
   * waited for, unless a send comes after them: a peer may have us answer without end.
   */
  public void flush() {
    if (phase == Phase.CARRYING) {
      phase = Phase.FLUSHING;
      if (writer.hasWrittenSends()) {
        listener.flushed();
      } else {
        writer.write();
      }
    } else if (phase == Phase.LOST) {
      endingComplete();
    }
  }

  /** Goes on as if {@link #flush()} had not been. */
  public void unflush() {
    if (phase == Phase.FLUSHING) {
      phase = Phase.CARRYING;
      writer.write(); // which ends what is answered, if nothing waits
    }
  }

  /**
   * Ends our side after what is still to be written: our FIN, and then the peer's is waited for, as
   * long as the linger option says; the caller limits the rest. The kernel's own lingering is not
   * used, since on Linux it blocks the closing thread. Tells {@link StreamListener#finished()}, or
   * what went wrong.
   */
  public void finish() {
    if (phase == Phase.CARRYING || phase == Phase.FLUSHING) {
      startClosing();
      writer.write();
    }
  }

  /**
   * Ends the stream after what is still to be written, for a reason of the listener's own, which it
   * is told by {@link StreamListener#failed} in the end: when our FIN was answered by the peer's,
   * or after the close timeout.
   */
  public void writeAndClose(CloseReason reason) {
    if (phase == Phase.DIALING) {
      fail(reason);
    } else if (phase == Phase.CARRYING || phase == Phase.FLUSHING || phase == Phase.LOST) {
      ending = reason;
      startClosing();
      closeTimer = loop.schedule(generation.closeTimeoutNanos(), this::closeTimedOut);
      writer.write();
    }
  }

  /**
   * What comes from now on is dropped. It has to be read all the same: the peer's end comes after
   * it, and a socket that is closed with unread bytes resets the connection instead of ending it.
   */
  private void startClosing() {
    phase = Phase.CLOSING;
    stopIdleTimeout();
    reader.discard();
    updateInterest();
  }

  private void shutdownOutput() {
    boolean reset = ending == null && options.linger().filter(Duration::isZero).isPresent();
    try {
      if (reset) {
        socket.resetOnClose();
        endingComplete();
        return;
      } else if (!writer.shutdownOutput()) {
        updateInterest();
        return; // there is more to it, and it is asked for again
      }
    } catch (IOException e) {
      failed(Loss.reason(Loss.isReset(e), e));
      return;
    }
    phase = Phase.LINGERING;
    if (reader.hasEnded()) {
      endingComplete();
    } else if (closeTimer == null && options.linger().isPresent()) {
      closeTimer = loop.schedule(options.linger().get().toNanos(), this::endingComplete);
    }
  }

  private void closeTimedOut() {
    if (phase == Phase.CLOSING) { // the peer must not take what it got for all
      socket.resetOnClose();
    }
    endingComplete();
  }

  private void endingComplete() {
    if (ending != null) {
      fail(ending);
    } else {
      end();
      listener.finished();
    }
  }

  /** The transport has failed. An ending of our own is not changed by that. */
  private void failed(CloseReason reason) {
    fail(ending != null ? ending : reason);
  }

  private void fail(CloseReason reason) {
    if (phase != Phase.CLOSED) {
      end();
      listener.failed(reason);
    }
  }

  /** Resets the connection, gives the socket back, and says nothing. */
  public void abort() {
    socket.resetOnClose();
    end();
  }

  private void cancelCloseTimer() {
    if (closeTimer != null) {
      closeTimer.cancel();
      closeTimer = null;
    }
  }

  private void end() {
    phase = Phase.CLOSED;
    reader.end();
    writer.end();
    stopIdleTimeout();
    cancelCloseTimer();
    socket.close();
  }

  /** Returns how many sockets are open: 0 or 1. */
  public int openSockets() {
    return socket.openSockets();
  }

  /** Returns where the socket is connected to; empty if it isn't. Any thread. */
  public Optional<InetSocketAddress> remoteAddress() {
    return socket.remoteAddress();
  }

  /** Returns the socket's own address; empty if there is none. Any thread. */
  public Optional<InetSocketAddress> localAddress() {
    return socket.localAddress();
  }

  /** Returns what TLS agreed on; empty if there is no TLS, or no socket. Any thread. */
  public Optional<TlsSession> tlsSession() {
    return socket.tlsSession();
  }
}
