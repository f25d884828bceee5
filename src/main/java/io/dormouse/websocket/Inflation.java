package io.dormouse.websocket;

import io.dormouse.loop.Loop;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the server's messages (RFC 7692, section 7.2.2) beside the {@link FrameReader}, as their
 * bytes arrive. What was inflated is handed on in pieces, so that a bound on it holds before there
 * is more of it: some kilobytes may inflate to a thousand times as much. For the same reason there
 * is a share of work for one read; what does not fit in is left unread.
 *
 * <p>The inflater is made with the first message that needs it. With context takeover it is kept,
 * since it holds what later messages refer to; otherwise it is freed after each message.
 */
final class Inflation {
  /** Where the inflated pieces go. */
  interface Output {
    /**
     * Takes a piece.
     *
     * @param bytes valid during the call
     */
    void take(ByteBuffer bytes) throws FrameException;
  }

  /** What a call of the inflater costs besides its bytes: data may inflate to nothing at all. */
  private static final int CALL_COST = 128;

  private static final int COMPRESSED_PIECE = 4 * 1024;
  private static final int PIECE = 16 * 1024;

  /** What the sender has taken from the end of each message (section 7.2.1). */
  private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

  /** Memory for all inflations of a thread, since they work one after the other. */
  private static final class Scratch {
    final byte[] in = new byte[COMPRESSED_PIECE];
    final byte[] out = new byte[PIECE];
    final ByteBuffer outBuffer = ByteBuffer.wrap(out);
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final boolean takeover;
  private final @Nullable Loop loop;
  private @Nullable Inflater inflater;
  private int shareLeft;
  private int filled; // of the scratch; 0 between two reads

  /**
   * Creates one that holds no inflater yet.
   *
   * @param takeover whether messages refer to earlier ones
   * @param loop whose connections share its time; null for one that has all of a share
   */
  Inflation(boolean takeover, @Nullable Loop loop) {
    this.takeover = takeover;
    this.loop = loop;
  }

  /** A read begins, with a share of what may be inflated now. */
  void readBegins() {
    shareLeft = loop == null ? InflateShare.MOST : InflateShare.ofThisThread().left();
  }

  /** Returns whether the share of this read is used up. */
  boolean isShareUsed() {
    return shareLeft <= 0;
  }

  /**
   * Inflates bytes of a message.
   *
   * @param count how many of the buffer's bytes are the message's
   * @param last whether {@link #end} follows at once if all of them are taken
   * @return how many were taken: less than there were if the share is used up
   */
  int inflate(ByteBuffer bytes, int count, boolean last, Output output) throws FrameException {
    Scratch scratch = SCRATCH.get();
    int taken = 0;
    while (taken < count && !isShareUsed()) {
      int next = Math.min(count - taken, COMPRESSED_PIECE);
      bytes.get(scratch.in, 0, next);
      int left = inflate(scratch, scratch.in, next, true, output);
      ((Buffer) bytes).position(bytes.position() - left); // as a Buffer: Android 8 has no other
      taken += next - left;
    }
    if (taken < count || !last) {
      handOn(scratch, output);
    }
    return taken;
  }

  /**
   * The message is complete.
   *
   * @return the last piece of it, which has not been handed on; valid until the next call
   */
  ByteBuffer end(Output output) throws FrameException {
    Scratch scratch = SCRATCH.get();
    int unused = inflate(scratch, TAIL, TAIL.length, false, output);
    int rest = filled;
    filled = 0;
    if (!takeover) {
      free();
    }
    return piece(scratch, rest);
  }

  /** Returns how many bytes were not taken. */
  private int inflate(Scratch scratch, byte[] from, int length, boolean withinShare, Output output)
      throws FrameException {
    Inflater inflating = inflater;
    if (inflating == null) {
      inflating = Zlib.inflater();
      inflater = inflating;
    }
    inflating.setInput(from, 0, length);
    while (!withinShare || !isShareUsed()) {
      int room = PIECE - filled;
      if (withinShare) {
        room = Math.min(room, Math.max(CALL_COST, shareLeft));
      }
      int count = inflateOnce(inflating, scratch.out, filled, room);
      filled += count;
      use(count + CALL_COST);
      if (filled == PIECE) {
        handOn(scratch, output);
      }
      if (inflating.finished()) {
        // Section 7.2.3.4: a sender may end a block as the last one, and another begins.
        int left = inflating.getRemaining();
        inflating.reset();
        inflating.setInput(from, length - left, left);
      } else if (count < room && inflating.needsInput()) {
        break;
      } else if (count == 0) {
        throw corrupt();
      }
    }
    return inflating.getRemaining();
  }

  private void use(int work) {
    shareLeft -= work;
    if (loop != null) {
      InflateShare.ofThisThread().used(work, loop);
    }
  }

  private static int inflateOnce(Inflater inflating, byte[] into, int from, int most)
      throws FrameException {
    try {
      return inflating.inflate(into, from, most);
    } catch (DataFormatException e) {
      throw corrupt();
    }
  }

  private static FrameException corrupt() {
    return new FrameException(CloseFrame.NO_UTF8, "compressed data is corrupt");
  }

  private void handOn(Scratch scratch, Output output) throws FrameException {
    int count = filled;
    filled = 0;
    if (count > 0) {
      output.take(piece(scratch, count));
    }
  }

  private static ByteBuffer piece(Scratch scratch, int count) {
    ((Buffer) scratch.outBuffer).clear();
    ((Buffer) scratch.outBuffer).limit(count);
    return scratch.outBuffer;
  }

  /** Frees what it holds; more may be inflated all the same, from a new beginning. */
  void free() {
    Zlib.end(inflater);
    inflater = null;
  }
}
