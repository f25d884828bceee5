package io.dormouse.tcp;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what one generation receives apart into messages. What a message is must not depend on how
 * the network has cut the bytes: so its length is counted from its first byte, whoever has read
 * them by then.
 *
 * @param <M> what a message becomes
 */
final class Messages<M> implements Input {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Framing<M> framing;
  private final Consumer<? super M> callback;
  private final Consumer<CloseReason> fail;

  private @Nullable MessageDecoder<? extends M> decoder; // null before the first bytes
  private ByteBuffer unread = NOTHING; // of our own; there may be room behind its limit
  private long taken; // of the message that is not complete, by the decoder
  private boolean failed;
  private @Nullable Throwable thrown; // by callbacks, for what came at once

  /**
   * Creates one for a generation.
   *
   * @param fail ends it
   */
  Messages(Framing<M> framing, Consumer<? super M> callback, Consumer<CloseReason> fail) {
    this.framing = framing;
    this.callback = callback;
    this.fail = fail;
  }

  @Override
  public void received(ByteBuffer bytes) {
    if (failed) {
      return;
    }
    try {
      append(bytes);
      decodeAll(decoder(), unread);
      trim();
    } catch (Throwable e) { // the decoder is the app's, and so is a class that it lacks
      fail(e);
    }
    rethrow();
  }

  @Override
  public void ended() {
    if (failed) {
      return;
    }
    try {
      M last = decoder().decodeLast(unread);
      if (last != null) {
        deliver(last);
      }
    } catch (Throwable e) {
      fail(e);
    }
    unread = NOTHING;
    rethrow();
  }

  private MessageDecoder<? extends M> decoder() throws SupplierException {
    MessageDecoder<? extends M> made = decoder;
    if (made == null) {
      try {
        made = framing.newDecoder();
      } catch (Throwable e) {
        throw new SupplierException(e);
      }
      decoder = made;
    }
    return made;
  }

  private void decodeAll(MessageDecoder<? extends M> decoder, ByteBuffer all) throws Exception {
    int limit = all.limit();
    while (all.hasRemaining()) {
      int begin = all.position();
      M message = decoder.decode(all);
      Buffers.window(all, Math.min(all.position(), limit), limit);
      int read = all.position() - begin;
      taken += read;
      long length = message == null ? taken + all.remaining() : taken;
      if (read < 0 || (message != null && taken == 0)) {
        throw new IllegalStateException("a decoder must read what it returns, and only forwards");
      } else if (length > framing.mostBytes()) {
        throw new MessageTooLongException(framing.mostBytes());
      } else if (message == null) {
        return;
      }
      taken = 0;
      deliver(message);
    }
  }

  /** One that the app's callback fails on is not the end of those behind it. */
  private void deliver(M message) {
    try {
      callback.accept(message);
    } catch (Throwable e) {
      if (thrown == null) {
        thrown = e;
      } else if (thrown != e) {
        thrown.addSuppressed(e);
      }
    }
  }

  /** Who called this logs it. */
  private void rethrow() {
    Throwable e = thrown;
    thrown = null;
    if (e != null) {
      Messages.<RuntimeException>raise(e);
    }
  }

  @SuppressWarnings("unchecked") // a checked one too: Kotlin throws them undeclared
  private static <E extends Throwable> void raise(Throwable e) throws E {
    throw (E) e;
  }

  // ------------------------------------------------------------------------------------- unread

  private void append(ByteBuffer bytes) {
    if (!unread.hasRemaining()) {
      unread = bytes;
      return;
    }
    int begin = unread.position();
    int end = unread.limit();
    int length = end - begin + bytes.remaining();
    if (unread.capacity() - end < bytes.remaining()) {
      ByteBuffer larger = ByteBuffer.allocate(Math.max(length, roomFor(end - begin)));
      larger.put(unread);
      unread = larger;
      begin = 0;
    } else {
      Buffers.window(unread, end, unread.capacity());
    }
    unread.put(bytes);
    Buffers.window(unread, begin, begin + length);
  }

  /** Twice as much, so that a long message in small pieces is copied few times. */
  private int roomFor(int length) {
    return (int) Math.min(2L * length, framing.mostBytes());
  }

  /** What was read is let go: an idle connection holds no memory, and one with little little. */
  private void trim() {
    if (!unread.hasRemaining()) {
      unread = NOTHING;
    } else if (unread.remaining() < unread.capacity() / 2) {
      ByteBuffer smaller = ByteBuffer.allocate(unread.remaining());
      smaller.put(unread);
      unread = Buffers.flip(smaller);
    }
  }

  // ------------------------------------------------------------------------------------ failures

  private void fail(Throwable e) {
    failed = true;
    unread = NOTHING;
    fail.accept(reason(e));
  }

  /** Its message may quote what the peer has sent, so only the cause has it. */
  private static CloseReason reason(Throwable e) {
    if (e instanceof SupplierException supplier) {
      String what = "the supplier of the decoder threw";
      return CloseReason.of(Kind.SUPPLIER_FAILED, what, supplier.thrown);
    } else if (e instanceof MessageTooLongException) {
      return CloseReason.of(Kind.LIMIT_EXCEEDED, String.valueOf(e.getMessage()), e);
    }
    return CloseReason.of(Kind.PROTOCOL_ERROR, "the decoder threw " + e.getClass().getName(), e);
  }

  private static final class SupplierException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Throwable thrown;

    SupplierException(Throwable thrown) {
      super(null, null, false, false);
      this.thrown = thrown;
    }
  }
}
