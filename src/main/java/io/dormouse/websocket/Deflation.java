package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses our messages, one after the other (RFC 7692, section 7.2.1). Whoever compresses
 * {@linkplain #acquire acquires} it before, so that it can be freed from another thread at any time
 * and is still there for as long as it is used.
 *
 * <p>Java's deflater has one window size, of 2^15 bytes. If the server wants a smaller one, it
 * begins anew after each 2^bits bytes, so that nothing refers further back: that compresses worse,
 * but is what was agreed on.
 */
final class Deflation {
  /** What is compressed at once at most, on the way to whether the time is up. */
  private static final int PIECE = 16 * 1024;

  /**
   * More than the longest marker of a flush, which is made twice if the output is full just then:
   * five bytes that mean nothing.
   */
  private static final int ROOM = 64;

  /** At the end of each message, and not sent (section 7.2.1). */
  private static final int TAIL = 4;

  private static final byte[] NONE = {};

  /** Memory for all deflations of a thread; long messages have their own output. */
  private static final class Scratch {
    final byte[] in = new byte[PIECE];
    final byte[] out = new byte[PIECE + ROOM];
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final boolean takeover;
  private final boolean smallWindow;
  private final int piece;
  private final int minimumSize;

  private final Object lock = new Object(); // guards the next three
  private @Nullable Deflater deflater;
  private boolean acquired;
  private boolean freed;

  // Of whoever has acquired it.
  private @Nullable Message message; // whose compression has begun
  private @Nullable ByteBuffer payload; // what is left of it
  private byte[] out = NONE;
  private int filled;

  /**
   * Creates one that holds no deflater yet.
   *
   * @param minimumSize of a message that is compressed
   */
  Deflation(DeflateOffer.Agreement agreement, int minimumSize) {
    this.smallWindow = agreement.clientWindowBits() < DeflateOffer.LARGEST_WINDOW;
    this.takeover = agreement.clientTakeover() && !smallWindow;
    this.piece = Math.min(PIECE, 1 << agreement.clientWindowBits());
    this.minimumSize = Math.max(1, minimumSize);
  }

  /** Returns whether a message is to be compressed. Any thread. */
  boolean isFor(Message candidate) {
    return candidate.isData() && candidate.size() >= minimumSize;
  }

  // ----------------------------------------------------------------------------- who may use it

  /** Begins to use it. Returns false if it is freed. */
  boolean acquire() {
    synchronized (lock) {
      acquired = !freed;
      return acquired;
    }
  }

  /** Is used no more. What it holds is freed if nobody needs it. */
  void release() {
    synchronized (lock) {
      acquired = false;
      if (freed || (!takeover && message == null)) {
        end();
      }
    }
  }

  /** Frees what it holds, as soon as nobody uses it. Any thread. */
  void free() {
    synchronized (lock) {
      freed = true;
      if (!acquired) {
        end();
      }
    }
  }

  private void end() {
    Zlib.end(deflater);
    deflater = null;
  }

  private Deflater deflater() {
    synchronized (lock) {
      Deflater made = deflater;
      if (made == null) {
        made = Zlib.deflater();
        deflater = made;
      }
      return made;
    }
  }

  // --------------------------------------------------------------------------------- to be used

  /**
   * Compresses a part of a message, of which the next call must be for the rest.
   *
   * @param mostBytes of it, or a little more
   * @return how many were compressed; the frame is made when all of them are
   */
  int compress(Message next, int mostBytes) {
    Deflater deflating = deflater();
    Scratch scratch = SCRATCH.get();
    ByteBuffer left = payload;
    if (message == null || left == null) {
      message = next;
      left = next.payload().duplicate();
      boolean atOnce = left.remaining() <= Math.min(PIECE, mostBytes);
      out = atOnce ? scratch.out : new byte[left.remaining() / 4 + PIECE];
      if (!takeover) {
        deflating.reset();
      }
    }
    int done = 0;
    while (left.hasRemaining() && done < mostBytes) {
      int count = Math.min(left.remaining(), piece);
      left.get(scratch.in, 0, count);
      deflating.setInput(scratch.in, 0, count);
      deflate(deflating, smallWindow || !left.hasRemaining());
      if (smallWindow) {
        deflating.reset();
      }
      done += count;
    }
    payload = left;
    if (!left.hasRemaining()) {
      ByteBuffer unused = next.frameOf(ByteBuffer.wrap(out, 0, filled - TAIL));
      forget();
    }
    return done;
  }

  /** Returns whether a part of this message is still to be compressed. */
  boolean isInside(Message begun) {
    return message == begun;
  }

  private void deflate(Deflater deflating, boolean flush) {
    int count;
    int room;
    do {
      if (out.length - filled < ROOM) {
        out = Arrays.copyOf(out, out.length + out.length / 2 + ROOM);
      }
      room = out.length - filled;
      count = deflating.deflate(out, filled, room, flush ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH);
      filled += count;
    } while (count == room);
  }

  private void forget() {
    message = null;
    payload = null;
    out = NONE;
    filled = 0;
  }
}
