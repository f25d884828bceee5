package io.dormouse.websocket;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.protocols.Protocol;

/**
 * RFC 6455 as Java-WebSocket does it for a client, with {@link MaskedFrame}s, and with a bound on
 * fragmented messages: it checks the size of the first and the last fragment only, so a peer that
 * never sends the last could fill the heap.
 */
final class BoundedDraft extends Draft_6455 {
  /** Each fragment costs memory, an empty one too. */
  private static final int MOST_FRAGMENTS = 64 * 1024;

  /** RFC 6455, section 5.3: nobody may be able to predict them. */
  private static final SecureRandom MASKS = new SecureRandom();

  private final int maxMessageBytes;
  private long bytes;
  private int fragments;

  BoundedDraft(int maxMessageBytes) {
    super(List.of(), List.of(new Protocol("")), maxMessageBytes);
    this.maxMessageBytes = maxMessageBytes;
  }

  /** No copy is needed: each is made for one engine, which asks for one all the same. */
  @Override
  public Draft copyInstance() {
    return this;
  }

  /** Any thread, also while another reads. */
  @Override
  public ByteBuffer createBinaryFrame(Framedata frame) {
    getExtension().encodeFrame(frame);
    return MaskedFrame.of(frame, MASKS.nextInt());
  }

  /**
   * What the superclass can't digest is the peer's doing; it throws a NullPointerException, for
   * one, on a close frame whose reason is not UTF-8. Memory is taken for a frame as soon as its
   * length is known: if there isn't enough, that must not be the end of all connections.
   */
  @Override
  public List<Framedata> translateFrame(ByteBuffer bytes) throws InvalidDataException {
    try {
      return super.translateFrame(bytes);
    } catch (OutOfMemoryError e) {
      throw new LimitExceededException("message too long", maxMessageBytes);
    } catch (RuntimeException e) {
      throw new InvalidDataException(CloseFrame.PROTOCOL_ERROR, "malformed frame");
    }
  }

  @Override
  public void processFrame(WebSocketImpl socket, Framedata frame) throws InvalidDataException {
    if (!socket.isOpen()) {
      return; // it came in one chunk with a close frame, behind it (RFC 6455, section 5.5.1)
    }
    Opcode opcode = frame.getOpcode();
    boolean data = opcode == Opcode.TEXT || opcode == Opcode.BINARY || opcode == Opcode.CONTINUOUS;
    if (data && (!frame.isFin() || opcode == Opcode.CONTINUOUS)) {
      bytes += frame.getPayloadData().remaining();
      fragments++;
      if (bytes > maxMessageBytes || fragments > MOST_FRAGMENTS) {
        throw new LimitExceededException("message too long", maxMessageBytes);
      }
    }
    if (data && frame.isFin()) {
      bytes = 0;
      fragments = 0;
    }
    try {
      super.processFrame(socket, frame);
    } catch (OutOfMemoryError e) {
      throw new LimitExceededException("message too long", maxMessageBytes);
    }
  }

  // Two drafts are never compared; the superclass would compare what was negotiated.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
