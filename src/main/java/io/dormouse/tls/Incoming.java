package io.dormouse.tls;

import io.dormouse.network.Transport;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What comes from the transport below, and is decrypted. A connection holds memory here only while
 * there is a part of a record, or whoever reads is behind: at most what one read gave. Loop only,
 * but for {@link #decryptFetched()}.
 */
final class Incoming {
  /** More than the longest record, which the JDK takes up to 33 KiB of. */
  private static final int BATCH = 80 << 10;

  /** A record of RFC 8446, section 5.2, with its header. */
  private static final int RECORD = 5 + (1 << 14) + 256;

  /** After so many reads below the other connections have their turn: records may be empty. */
  private static final int MOST_READS = 4;

  /**
   * The same after so many records that gave no plaintext: the peer's new keys cost as much as a
   * megabyte, and a record of 27 bytes brings them.
   */
  private static final int MOST_EMPTY = 2;

  /**
   * After so many of them, with no plaintext between, the peer wants to cost and not to say.
   * BoringSSL, and so Android's engine, takes 32 new keys in a row.
   */
  private static final int MOST_EMPTY_IN_ROW = 100;

  /**
   * Two for all connections of a loop, since they decrypt one after the other. On the heap, where
   * ciphers work best.
   */
  private static final ThreadLocal<ByteBuffer> ENCRYPTED =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(BATCH));

  private static final ThreadLocal<ByteBuffer> DECRYPTED =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(BATCH));

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** How the peer's side has ended. */
  enum End {
    /** It has not. */
    NONE,
    /** The peer said so, with {@code close_notify}. */
    SAID,
    /** What is below has ended, and nobody who has the keys has said so. */
    CUT
  }

  private final Transport below;
  private final SSLEngine engine;
  private final ServerAnswer answer = new ServerAnswer();

  /** Read and not decrypted, and decrypted and not taken; null if there is nothing. */
  private @Nullable ByteBuffer encrypted;

  private @Nullable ByteBuffer decrypted;

  private boolean more; // encrypted has a whole record, as far as is known
  private boolean drained; // the last read below gave less than there was room for
  private int readsLeft; // below, of this turn
  private int emptyInRow; // records that gave no plaintext, handshakes aside
  private boolean firstSeen; // what came first were records
  private End end = End.NONE;

  Incoming(Transport below, SSLEngine engine) {
    this.below = below;
    this.engine = engine;
  }

  /** Returns whether the server goes on with an earlier session, as far as it has said. */
  boolean isResumed() {
    return answer.isResumed();
  }

  /** Returns whether the server asks for a certificate, as far as that is not encrypted. */
  boolean asksForCertificate() {
    return answer.asksForCertificate();
  }

  /** Returns how the peer's side has ended. */
  End end() {
    return end;
  }

  /** Returns whether there is something to be read that the transport below will not announce. */
  boolean hasMore() {
    return decrypted != null || more || end != End.NONE;
  }

  /** Returns whether plaintext waits to be taken. */
  boolean hasDecrypted() {
    return decrypted != null;
  }

  /** Forgets what waits. */
  void clear() {
    encrypted = null;
    decrypted = null;
    more = false;
  }

  /** Hands out what was decrypted before. Returns how many bytes. */
  int take(ByteBuffer into) {
    ByteBuffer from = decrypted;
    if (from == null) {
      return 0;
    }
    emptyInRow = 0;
    int count = Math.min(from.remaining(), into.remaining());
    ByteBuffer part = from.duplicate();
    ((Buffer) part).limit(part.position() + count);
    into.put(part);
    ((Buffer) from).position(from.position() + count);
    if (!from.hasRemaining()) {
      decrypted = null;
    }
    return count;
  }

  /**
   * Decrypts until {@code into} is full, nothing more has come, or the engine wants something else
   * first.
   */
  void read(ByteBuffer into) throws IOException {
    int before = into.position();
    int empty = decrypt(into, MOST_READS, MOST_EMPTY);
    emptyInRow = into.position() > before ? 0 : emptyInRow + empty;
    if (emptyInRow > MOST_EMPTY_IN_ROW) {
      throw new SSLException("the peer has sent " + emptyInRow + " records in a row without data");
    }
  }

  /** Returns how many records gave no plaintext. */
  private int decrypt(ByteBuffer into, int mostReads, int mostEmpty) throws IOException {
    ByteBuffer batch = batchOfKept();
    ((Buffer) batch).flip();
    drained = false;
    readsLeft = mostReads;
    more = false;
    int before = into.position();
    int empty = 0;
    try {
      boolean goesOn = true;
      while (goesOn && empty < mostEmpty) {
        int at = into.position();
        int from = batch.position();
        goesOn = decryptNext(batch, into, before);
        if (into.position() == at && batch.position() > from) {
          empty++;
        }
      }
    } finally {
      keepEncrypted(batch);
    }
    return empty;
  }

  /** Takes what is kept, and the buffer of all connections to have more behind it. */
  private ByteBuffer batchOfKept() {
    ByteBuffer batch = ENCRYPTED.get();
    ((Buffer) batch).clear(); // as a Buffer: Android 8 has no ByteBuffer.clear()
    ByteBuffer kept = encrypted;
    if (kept != null) {
      batch.put(kept);
      encrypted = null;
    }
    return batch;
  }

  /**
   * Drops what has come and comes: nothing more is agreed on, so the engine takes none of it. What
   * is below is read to its end, which is then the peer's.
   */
  void drop() throws IOException {
    clear();
    ByteBuffer batch = ENCRYPTED.get();
    int count = 1;
    for (int i = 0; i < MOST_READS && count > 0; i++) {
      ((Buffer) batch).clear();
      count = below.read(batch);
    }
    if (count < 0) {
      end = End.CUT;
    }
  }

  /** The same for a handshake, during which plaintext may come as well: that is kept. */
  void readForHandshake() throws IOException {
    decryptForHandshake(MOST_READS);
  }

  /** With so many reads below at most. */
  private void decryptForHandshake(int mostReads) throws IOException {
    if (decrypted == null) {
      ByteBuffer plain = emptyDecrypted();
      int unused = decrypt(plain, mostReads, Integer.MAX_VALUE);
      keepDecrypted(plain);
    }
  }

  /**
   * Fetches what is to be {@linkplain #decryptFetched decrypted} on another thread. Returns whether
   * there is something that was not looked at, and may be.
   */
  boolean fetch() throws IOException {
    if (decrypted != null) {
      return false; // that is taken first
    } else if (!more && end == End.NONE) {
      ByteBuffer batch = batchOfKept();
      ((Buffer) batch).limit(Math.min(batch.capacity(), batch.position() + RECORD));
      int count = below.read(batch);
      if (count < 0) {
        end = End.CUT;
      }
      ((Buffer) batch).flip();
      more |= count > 0;
      keepEncrypted(batch);
    }
    return more;
  }

  /** Decrypts for a handshake what was fetched. On any thread, while no other uses this. */
  void decryptFetched() throws IOException {
    decryptForHandshake(0);
  }

  private void keepEncrypted(ByteBuffer batch) {
    if (batch.hasRemaining()) {
      ByteBuffer rest = ByteBuffer.allocate(batch.remaining());
      rest.put(batch);
      ((Buffer) rest).flip();
      encrypted = rest;
    } else {
      more = false;
    }
  }

  /** Keeps it, before what the engine may have had besides. */
  private void keepDecrypted(ByteBuffer plain) {
    ((Buffer) plain).flip();
    if (plain.hasRemaining()) {
      ByteBuffer behind = decrypted == null ? NOTHING : decrypted;
      ByteBuffer rest = ByteBuffer.allocate(plain.remaining() + behind.remaining());
      rest.put(plain).put(behind);
      ((Buffer) rest).flip();
      decrypted = rest;
    }
  }

  /**
   * Takes what an engine keeps of a record for which there was not enough room, as Android's does.
   * It would give it when it is asked next, but nobody would know that it has something.
   */
  private void keepRest(ByteBuffer batch) throws IOException {
    ByteBuffer rest = ByteBuffer.allocate(RECORD);
    SSLEngineResult unused = engine.unwrap(batch, rest); // nothing of the batch, before that is out
    keepDecrypted(rest);
    more = batch.hasRemaining();
  }

  private static ByteBuffer emptyDecrypted() {
    ByteBuffer plain = DECRYPTED.get();
    ((Buffer) plain).clear();
    return plain;
  }

  /** Takes one step. Returns whether another may follow. */
  private boolean decryptNext(ByteBuffer batch, ByteBuffer into, int before) throws IOException {
    if (!firstSeen && batch.hasRemaining()) {
      checkFirst(batch);
    }
    int from = batch.position();
    SSLEngineResult result = engine.unwrap(batch, into);
    if (answer.isUnknown()) {
      ByteBuffer taken = batch.duplicate();
      ((Buffer) taken).flip();
      ((Buffer) taken).position(from);
      answer.add(taken);
    }
    switch (result.getStatus()) {
      case CLOSED -> {
        end = End.SAID;
        return false;
      }
      case BUFFER_UNDERFLOW -> {
        return readBelow(batch, into);
      }
      case BUFFER_OVERFLOW -> {
        if (result.bytesProduced() > 0) {
          keepRest(batch);
          return false;
        }
        if (into.position() == before) {
          return decryptAside(batch, into);
        }
        more = true; // it may be whole already
        return false;
      }
      default -> {
        HandshakeStatus status = engine.getHandshakeStatus();
        boolean quiet = status != HandshakeStatus.NEED_TASK && status != HandshakeStatus.NEED_WRAP;
        more = batch.hasRemaining();
        return quiet && into.hasRemaining() && result.bytesConsumed() > 0;
      }
    }
  }

  /**
   * A server that speaks in plain text would be waited for: what it says is taken for a part of a
   * record. RFC 8446, section 5.1: a record begins with its type, 20 to 23, and then a 3.
   */
  private void checkFirst(ByteBuffer batch) throws IOException {
    int type = batch.get(batch.position());
    boolean wrongVersion = batch.remaining() > 1 && batch.get(batch.position() + 1) != 3;
    if (type < 20 || type > 23 || wrongVersion) {
      throw new TlsFailure.NotTlsException();
    }
    firstSeen = batch.remaining() > 1;
  }

  /** Less than a record is there. Returns whether more came. */
  private boolean readBelow(ByteBuffer batch, ByteBuffer into) throws IOException {
    more = false;
    if (drained || readsLeft == 0) {
      return false;
    }
    readsLeft--;
    batch.compact();
    int room = Math.min(batch.remaining(), Math.max(RECORD, into.remaining()));
    ((Buffer) batch).limit(batch.position() + room);
    int count;
    try {
      count = below.read(batch);
    } finally {
      ((Buffer) batch).flip();
    }
    if (count < 0) {
      end = End.CUT;
    }
    drained = count < room;
    return count > 0;
  }

  /**
   * There is no room for the next record, nor will there be: it is handed out piece by piece. It
   * need not be whole yet, since an engine looks for room first. Returns whether another step may
   * follow.
   */
  private boolean decryptAside(ByteBuffer batch, ByteBuffer into) throws IOException {
    ByteBuffer plain = emptyDecrypted();
    Status status = engine.unwrap(batch, plain).getStatus();
    if (status == Status.BUFFER_UNDERFLOW) {
      return readBelow(batch, into);
    } else if (status == Status.CLOSED) {
      end = End.SAID;
      return false;
    }
    keepDecrypted(plain);
    int unused = take(into);
    more = batch.hasRemaining();
    return false;
  }
}
