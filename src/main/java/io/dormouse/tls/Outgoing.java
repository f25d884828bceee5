package io.dormouse.tls;

import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import org.jspecify.annotations.Nullable;

/**
 * What is encrypted and goes to the transport below. A connection holds memory here only while the
 * system takes no more. Loop only.
 */
final class Outgoing {
  /** What one system call gets: eight full records, as {@code WriteQueue} gathers for. */
  private static final int BATCH = 8 * (17 << 10);

  /** So much of the engine's own may wait: a peer may ask for answers and take none. */
  private static final int MOST_OWN = 64 << 10;

  /**
   * One for all connections of a loop, since they encrypt one after the other. On the heap, where
   * ciphers work best.
   */
  private static final ThreadLocal<ByteBuffer> SHARED =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(BATCH));

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Transport below;
  private final SSLEngine engine;

  /** Encrypted, and not with the system; null if there is nothing. */
  private @Nullable ByteBuffer left;

  /**
   * So many bytes of plaintext are in {@code left}. Whoever writes is told of them when all of
   * their records are with the system, and offers them again until then.
   */
  private int claimed;

  private boolean ending;

  Outgoing(Transport below, SSLEngine engine) {
    this.below = below;
    this.engine = engine;
  }

  /** Returns whether something is encrypted that the system has not taken. */
  boolean isBlocked() {
    return left != null;
  }

  /** Returns whether more of the engine's own may be added. */
  boolean hasRoom() {
    ByteBuffer waiting = left;
    return waiting == null || waiting.remaining() - claimed < MOST_OWN;
  }

  /** Forgets what waits. */
  void clear() {
    left = null;
  }

  /** Has the system take what waits. Returns whether nothing waits any more. */
  boolean flush() throws IOException {
    ByteBuffer waiting = left;
    if (waiting != null) {
      int unused = below.write(waiting);
      if (waiting.hasRemaining()) {
        return false;
      }
      left = null;
    }
    return true;
  }

  // ------------------------------------------------------------------------------- the engine's
  // own

  /** Sends what the engine has to say. Returns false if it had nothing to say. */
  boolean sendOwn() throws IOException {
    ByteBuffer batch = emptyBatch();
    SSLEngineResult result;
    do {
      result = engine.wrap(NOTHING, batch);
    } while (result.getStatus() == Status.OK
        && result.bytesProduced() > 0
        && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
    ((Buffer) batch).flip();
    if (!batch.hasRemaining()) {
      return false;
    }
    if (flush()) {
      int unused = below.write(batch);
    }
    keep(batch, 0);
    return true;
  }

  /** Adds what the system has not taken. */
  private void keep(ByteBuffer batch, int plainBytes) {
    if (batch.hasRemaining()) {
      ByteBuffer before = left == null ? NOTHING : left;
      ByteBuffer all = ByteBuffer.allocate(before.remaining() + batch.remaining());
      all.put(before).put(batch);
      ((Buffer) all).flip();
      left = all;
      claimed += plainBytes;
    }
  }

  private static ByteBuffer emptyBatch() {
    ByteBuffer batch = SHARED.get();
    ((Buffer) batch).clear(); // as a Buffer: Android 8 has no ByteBuffer.clear()
    return batch;
  }

  // ---------------------------------------------------------------------------------- plaintext

  /**
   * Encrypts and sends. What was encrypted before and could not be sent comes first in {@code
   * from}.
   *
   * @return how many bytes of plaintext are with the system, whole records only
   */
  long write(ByteBuffer[] from, int offset, int length) throws IOException {
    if (!flush()) {
      return 0;
    }
    long sent = claimed;
    advance(from, offset, length, claimed);
    claimed = 0;
    boolean more = true;
    while (more && hasRemaining(from, offset, length)) {
      int[] positions = positions(from, offset, length);
      ByteBuffer batch = emptyBatch();
      int taken = encrypt(from, offset, length, batch);
      ((Buffer) batch).flip();
      more = batch.hasRemaining();
      if (more) {
        int unused = below.write(batch);
      }
      if (batch.hasRemaining()) {
        keep(batch, taken);
        rewind(from, offset, positions);
        more = false;
      } else {
        sent += taken;
      }
    }
    return sent;
  }

  private int encrypt(ByteBuffer[] from, int offset, int length, ByteBuffer batch)
      throws IOException {
    int taken = 0;
    int packet = engine.getSession().getPacketBufferSize();
    while (batch.remaining() >= packet && hasRemaining(from, offset, length)) {
      SSLEngineResult result = engine.wrap(from, offset, length, batch);
      taken += result.bytesConsumed();
      if (result.getStatus() == Status.CLOSED) {
        throw TlsFailure.endedByThePeer();
      } else if (result.getStatus() != Status.OK || result.bytesProduced() == 0) {
        break; // a handshake comes first
      }
    }
    return taken;
  }

  private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private static int[] positions(ByteBuffer[] buffers, int offset, int length) {
    int[] positions = new int[length];
    for (int i = 0; i < length; i++) {
      positions[i] = buffers[offset + i].position();
    }
    return positions;
  }

  private static void rewind(ByteBuffer[] buffers, int offset, int[] positions) {
    for (int i = 0; i < positions.length; i++) {
      ((Buffer) buffers[offset + i]).position(positions[i]);
    }
  }

  private static void advance(ByteBuffer[] buffers, int offset, int length, int bytes) {
    int rest = bytes;
    for (int i = offset; i < offset + length && rest > 0; i++) {
      int step = Math.min(rest, buffers[i].remaining());
      ((Buffer) buffers[i]).position(buffers[i].position() + step);
      rest -= step;
    }
  }

  // -------------------------------------------------------------------------------------- the end

  /** Returns whether the end of our side was begun. */
  boolean isEnding() {
    return ending;
  }

  /** Says {@code close_notify}. Returns whether it is with the system, and all before it. */
  boolean end() throws IOException {
    if (!ending) {
      ending = true;
      engine.closeOutbound();
    }
    boolean more = true;
    while (more && !engine.isOutboundDone()) {
      more = sendOwn();
    }
    return flush();
  }
}
