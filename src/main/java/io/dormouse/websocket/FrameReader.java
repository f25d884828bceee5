package io.dormouse.websocket;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;

/**
 * Parses the frames that a server sends (RFC 6455, section 5) from bytes as they arrive, and
 * reports messages and control frames. It uses no socket and no thread. The result does not depend
 * on how the bytes are split between calls: a violation is detected at the first byte that shows
 * it, after everything before that byte was reported.
 *
 * <pre>{@code
 *   ,--------------------- end of frame ---------------------.
 *   v                                                        |
 * FIRST ----> SECOND --- length above 125 ---> LENGTH ----> PAYLOAD
 *                '--------------------------------------------^ |
 *                                    close frame, violation     v
 *                                                             OVER
 * }</pre>
 */
final class FrameReader {
  /** What the reader reports, each inside {@link #read}. */
  interface Listener {
    /**
     * A short text, which costs less to decode at once than to keep as bytes.
     *
     * @param bytes its length in UTF-8
     */
    void text(String text, int bytes);

    /** Any other message. */
    void message(Incoming message);

    /** A ping; its data is valid during the call. */
    void ping(ByteBuffer data);

    /** A pong; its data is valid during the call. */
    void pong(ByteBuffer data);

    /**
     * The peer's close frame; nothing is reported after it.
     *
     * @param code 1005 if it has none
     * @param reason the peer's text, which may be anything
     */
    void close(int code, String reason);
  }

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  /** The bit RSV1 (RFC 7692, section 6). */
  private static final int COMPRESSED = 0x40;

  /** RFC 6455, section 5.5. */
  private static final int LONGEST_CONTROL = 125;

  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  private static final int SHORT_TEXT = 1024;

  // Shared by all readers of a thread, since they read one after the other.
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SHORT_TEXT]);

  private static final byte[] NONE = {};

  /** What the next byte belongs to. */
  private enum Step {
    FIRST,
    SECOND,
    LENGTH,
    PAYLOAD,
    OVER
  }

  private final Listener listener;
  private final int maxMessageBytes;
  private final Utf8Validator utf8 = new Utf8Validator();

  private Step step = Step.FIRST;

  // The frame that is being read.
  private boolean fin;
  private int opcode;
  private int lengthBytes; // of the extended length: 2 or 8
  private int lengthBytesLeft;
  private long rest; // payload bytes that have not come yet
  private byte[] control = NONE; // payload of a control frame
  private int controlLength;

  private @Nullable Inflation inflation; // if compression was agreed on
  private boolean compressed; // the message that has begun is

  private @Nullable Incoming message; // has begun, and is not complete
  private int frames;
  private int withoutData; // control frames and empty fragments
  private int data;

  /**
   * Creates a reader.
   *
   * @param maxMessageBytes of all fragments of a message together
   */
  FrameReader(Listener listener, int maxMessageBytes) {
    this.listener = listener;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** From now on messages may be compressed, and are reported as they were before. */
  void inflateWith(Inflation agreed) {
    inflation = agreed;
  }

  /** Reads no more, and gives back what inflating holds. */
  void end() {
    step = Step.OVER;
    message = null;
    if (inflation != null) {
      inflation.free();
    }
  }

  /** Returns how many frames have begun since this was last asked. */
  int framesSinceAsked() {
    int since = frames;
    frames = 0;
    return since;
  }

  /** Returns how many of them had no byte of a message: control frames, and empty fragments. */
  int framesWithoutDataSinceAsked() {
    int since = withoutData;
    withoutData = 0;
    return since;
  }

  /** Returns how many bytes of messages were read since this was last asked. */
  int dataSinceAsked() {
    int since = data;
    data = 0;
    return since;
  }

  /**
   * Reads all bytes of the buffer. Those after a close frame or a violation are skipped. If
   * messages are compressed, it may leave some in the buffer: what they inflate to is limited in
   * one call, and they are to be read by another.
   *
   * @throws FrameException if the bytes violate the protocol or exceed the size limit
   */
  void read(ByteBuffer bytes) throws FrameException {
    if (inflation != null) {
      inflation.readBegins();
    }
    try {
      while (step != Step.OVER && bytes.hasRemaining() && !isShareUsed()) {
        switch (step) {
          case FIRST -> readFirst(bytes.get());
          case SECOND -> readSecond(bytes.get());
          case LENGTH -> readLength(bytes.get());
          case PAYLOAD -> readPayload(bytes);
          case OVER -> {}
        }
      }
    } catch (FrameException e) {
      end();
      throw e;
    }
    if (step == Step.OVER) {
      ((Buffer) bytes).position(bytes.limit()); // as a Buffer: Android 8 has no such ByteBuffer
    }
  }

  private boolean isShareUsed() {
    return inflation != null && inflation.isShareUsed();
  }

  // ----------------------------------------------------------------------------------- the head

  private void readFirst(byte b) throws FrameException {
    fin = b < 0;
    opcode = b & 0x0F;
    boolean begins = opcode == TEXT || opcode == BINARY;
    // RFC 7692, section 6.1: the first frame of a message says whether it is compressed.
    boolean mayBeCompressed = inflation != null && begins;
    check((b & (mayBeCompressed ? ~COMPRESSED : ~0) & 0x70) == 0, "a reserved bit is set");
    switch (opcode) {
      case CONTINUATION -> check(message != null, "a continuation of nothing");
      case TEXT, BINARY -> check(message == null, "a message inside another");
      case CLOSE, PING, PONG -> check(fin, "a control frame in fragments");
      default -> check(false, "a reserved opcode");
    }
    if (begins) {
      compressed = (b & COMPRESSED) != 0;
    }
    step = Step.SECOND;
  }

  private void readSecond(byte b) throws FrameException {
    check(b >= 0, "a server's frame is masked");
    if (b < LENGTH_IN_2_BYTES) {
      beginPayload(b);
      return;
    }
    check(opcode < CLOSE, "a control frame is too long");
    lengthBytes = b == LENGTH_IN_8_BYTES ? Long.BYTES : Short.BYTES;
    lengthBytesLeft = lengthBytes;
    rest = 0;
    step = Step.LENGTH;
  }

  private void readLength(byte b) throws FrameException {
    rest = (rest << Byte.SIZE) | (b & 0xFF);
    lengthBytesLeft--;
    if (lengthBytesLeft == 0) {
      check(rest >= 0, "a length is negative");
      check(
          rest > (lengthBytes == Long.BYTES ? 0xFFFF : LONGEST_CONTROL),
          "a length is not in its shortest form");
      beginPayload(rest);
    }
  }

  private void beginPayload(long length) throws FrameException {
    frames++;
    rest = length;
    step = Step.PAYLOAD;
    if (opcode >= CLOSE || (length == 0 && !fin)) {
      withoutData++;
    }
    if (opcode >= CLOSE) {
      check(opcode != CLOSE || length != 1, "a close code has one byte");
    } else {
      if (!compressed) { // or else it is checked while it inflates
        checkSize(length);
      }
      if (!fin && message == null) {
        message = new Incoming(opcode == TEXT);
      }
    }
    if (length == 0) {
      endPayload();
    }
  }

  private void checkSize(long more) throws FrameException {
    int before = message == null ? 0 : message.size();
    if (more > maxMessageBytes - before) { // not before + more, which may overflow
      throw new FrameException(CloseFrame.TOOBIG, "message too long");
    }
  }

  // -------------------------------------------------------------------------------- the payload

  private void readPayload(ByteBuffer bytes) throws FrameException {
    int count = (int) Math.min(rest, bytes.remaining());
    if (opcode < CLOSE && compressed) {
      readCompressed(bytes, count);
      return;
    }
    data += opcode >= CLOSE ? 0 : count;
    if (opcode >= CLOSE) {
      if (control.length == 0) {
        control = new byte[LONGEST_CONTROL];
      }
      bytes.get(control, controlLength, count);
      controlLength += count;
    } else if (message == null ? opcode == TEXT : message.isText()) {
      if (!utf8.accept(bytes, bytes.position(), bytes.position() + count)) {
        throw notUtf8();
      }
      if (message == null && count == rest && count <= SHORT_TEXT && utf8.isComplete()) {
        reportShortText(bytes, count);
        return;
      }
      takeData(bytes, count, true);
    } else {
      takeData(bytes, count, false);
    }
    rest -= count;
    if (rest == 0) {
      endPayload();
    }
  }

  private void takeData(ByteBuffer bytes, int count, boolean text) {
    takeData(bytes, count, text, fin ? rest : -1);
  }

  private void takeData(ByteBuffer bytes, int count, boolean text, long messageRest) {
    Incoming taking = message;
    if (taking == null) {
      taking = new Incoming(text);
      message = taking;
    }
    taking.take(bytes, count, messageRest);
  }

  /** The whole message is in one frame and in this buffer. */
  private void reportShortText(ByteBuffer bytes, int count) {
    byte[] scratch = SCRATCH.get();
    bytes.get(scratch, 0, count);
    Charset charset = utf8.surplus() == 0 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
    utf8.reset();
    step = Step.FIRST;
    listener.text(new String(scratch, 0, count, charset), count);
  }

  private void endPayload() throws FrameException {
    step = Step.FIRST;
    if (opcode >= CLOSE) {
      ByteBuffer data = ByteBuffer.wrap(control, 0, controlLength);
      controlLength = 0;
      switch (opcode) {
        case PING -> listener.ping(data);
        case PONG -> listener.pong(data);
        default -> endWithClose(data);
      }
    } else if (fin && compressed) {
      endCompressed();
    } else if (fin) {
      endMessage();
    }
  }

  // ------------------------------------------------------------------------ a compressed payload

  private void readCompressed(ByteBuffer bytes, int count) throws FrameException {
    int taken = inflation().inflate(bytes, count, fin && count == rest, this::takeInflated);
    rest -= taken;
    if (rest == 0) {
      endPayload();
    }
  }

  private Inflation inflation() {
    return Objects.requireNonNull(inflation);
  }

  private void takeInflated(ByteBuffer bytes) throws FrameException {
    takeInflated(bytes, -1);
  }

  private void takeInflated(ByteBuffer bytes, long messageRest) throws FrameException {
    boolean text = message == null ? opcode == TEXT : message.isText();
    validate(bytes, text);
    takeData(bytes, bytes.remaining(), text, messageRest);
  }

  private void validate(ByteBuffer inflated, boolean text) throws FrameException {
    checkSize(inflated.remaining());
    data += inflated.remaining();
    if (text && !utf8.accept(inflated, 0, inflated.limit())) {
      throw notUtf8();
    }
  }

  private void endCompressed() throws FrameException {
    ByteBuffer last = inflation().end(this::takeInflated);
    int count = last.remaining();
    if (message == null && opcode == TEXT && count <= SHORT_TEXT) {
      validate(last, true);
      if (!utf8.isComplete()) {
        throw notUtf8();
      }
      reportShortText(last, count);
      return;
    } else if (count > 0) {
      takeInflated(last, count);
    }
    endMessage();
  }

  private void endMessage() throws FrameException {
    Incoming complete = message == null ? new Incoming(opcode == TEXT) : message;
    message = null;
    if (complete.isText()) {
      if (!utf8.isComplete()) {
        throw notUtf8();
      }
      complete.surplus(utf8.surplus());
      utf8.reset();
    }
    listener.message(complete);
  }

  private void endWithClose(ByteBuffer data) throws FrameException {
    end();
    if (!data.hasRemaining()) {
      listener.close(CloseFrame.NOCODE, "");
      return;
    }
    int code = data.getShort() & 0xFFFF;
    check(CloseMessage.mayBeSent(code), "a close code that may not be sent");
    Utf8Validator reason = new Utf8Validator();
    if (!reason.accept(data, data.position(), data.limit()) || !reason.isComplete()) {
      throw notUtf8();
    }
    listener.close(code, StandardCharsets.UTF_8.decode(data).toString());
  }

  private static FrameException notUtf8() {
    return new FrameException(CloseFrame.NO_UTF8, "a text is not UTF-8");
  }

  private static void check(boolean holds, String violation) throws FrameException {
    if (!holds) {
      throw new FrameException(CloseFrame.PROTOCOL_ERROR, violation);
    }
  }
}
