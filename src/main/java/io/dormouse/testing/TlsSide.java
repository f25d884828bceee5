package io.dormouse.testing;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** TLS on the side of a {@link PeerSocket}: what comes is decrypted, what goes is encrypted. */
final class TlsSide {
  private static final int RECORD = 17 * 1024;

  private final SSLEngine engine;
  private final ByteQueue toEncrypt = new ByteQueue();
  private final ByteBuffer encrypted = ByteQueue.flipped(ByteBuffer.allocate(8 * RECORD));
  private boolean ended; // by the client
  private boolean endSaid; // by this side

  TlsSide(SSLEngine engine) {
    this.engine = engine;
    engine.setUseClientMode(false);
  }

  /** Returns whether it may send. */
  boolean isOpen() {
    return !engine.getSession().getProtocol().equals("NONE")
        && engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
  }

  /** Returns whether the client has said its end. */
  boolean hasEnded() {
    return ended;
  }

  boolean hasToEncrypt() {
    return toEncrypt.size() > 0;
  }

  /**
   * What is sent after the end goes nowhere, as without TLS. With TLS 1.2 the client's end is this
   * side's too.
   */
  void send(ByteBuffer plain) {
    if (!endSaid && !engine.isOutboundDone()) {
      toEncrypt.add(plain, plain.remaining());
    }
  }

  /** Returns what has come in plain text. */
  ByteQueue received(ByteBuffer bytes, ByteQueue out) throws SSLException {
    ByteQueue.flipped(encrypted.compact().put(bytes));
    ByteQueue plain = new ByteQueue();
    boolean goesOn = true;
    while (goesOn && !ended) {
      speak(out);
      ByteBuffer into = ByteBuffer.allocate(RECORD);
      SSLEngineResult result = engine.unwrap(encrypted, into);
      ByteQueue.flipped(into);
      plain.add(into, into.remaining());
      ended = result.getStatus() == Status.CLOSED;
      goesOn = result.bytesConsumed() > 0 || needs();
    }
    speak(out);
    return plain;
  }

  private boolean needs() {
    return switch (engine.getHandshakeStatus()) {
      case NEED_TASK, NEED_WRAP -> true;
      default -> false;
    };
  }

  /** Says what the handshake needs, and then what waits. */
  void speak(ByteQueue out) throws SSLException {
    while (needs()) {
      for (Runnable task = engine.getDelegatedTask();
          task != null;
          task = engine.getDelegatedTask()) {
        task.run();
      }
      if (needs()) {
        wrap(ByteBuffer.allocate(0), out);
      }
    }
    while (isOpen() && toEncrypt.size() > 0) {
      ByteBuffer next = toEncrypt.remove(toEncrypt.size());
      while (next.hasRemaining()) { // a record may be shorter than the longest
        wrap(next, out);
      }
    }
  }

  private void wrap(ByteBuffer plain, ByteQueue out) throws SSLException {
    ByteBuffer record = ByteBuffer.allocate(RECORD);
    SSLEngineResult result = engine.wrap(plain, record);
    if (result.bytesProduced() == 0) { // and whoever goes on would do so for ever
      throw new IllegalStateException("nothing to send: " + result);
    }
    ByteQueue.flipped(record);
    out.add(record, record.remaining());
  }

  /** Says the end. */
  void end(ByteQueue out) throws SSLException {
    endSaid = true;
    engine.closeOutbound();
    while (!engine.isOutboundDone()) {
      wrap(ByteBuffer.allocate(0), out);
    }
  }
}
