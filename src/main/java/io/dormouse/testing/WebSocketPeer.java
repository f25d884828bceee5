package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server on a simulated stream (RFC 6455): answers the handshake, pings and a close,
 * and gets unmasked messages. Only what a test needs: frames are not fragmented.
 */
public abstract class WebSocketPeer implements Peer {
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
  private static final String KEY = "sec-websocket-key:";
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final ByteQueue input = new ByteQueue();
  private final StringBuilder head = new StringBuilder();
  private boolean answered;
  private boolean closing;

  /** Creates one for one stream. */
  protected WebSocketPeer() {}

  /**
   * The handshake is done.
   *
   * @param socket its stream
   */
  protected void handshaken(PeerSocket socket) {}

  /**
   * A frame came, of any kind, before what is done about it.
   *
   * @param opcode of RFC 6455, section 5.2
   * @param payload unmasked
   */
  protected void frame(int opcode, ByteBuffer payload) {}

  /**
   * A text message came.
   *
   * @param socket its stream
   * @param text the message
   */
  protected void text(PeerSocket socket, String text) {}

  /**
   * A binary message came.
   *
   * @param socket its stream
   * @param data the message
   */
  protected void binary(PeerSocket socket, ByteBuffer data) {}

  /**
   * Returns whether it answers the client's close frame; a peer that is unwell does not.
   *
   * @return true where it is not overridden
   */
  protected boolean answersClose() {
    return true;
  }

  /**
   * Answers what is asked for; a peer that is unwell says something else.
   *
   * @param key the client's {@code Sec-WebSocket-Key}
   * @return what is sent; nothing if it is empty
   */
  protected String answer(String key) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + accept(key)
        + "\r\n\r\n";
  }

  /**
   * Sends a text message.
   *
   * @param socket its stream
   * @param text the message
   */
  public final void sendText(PeerSocket socket, String text) {
    send(socket, TEXT, UTF_8.encode(text));
  }

  /**
   * Sends a binary message.
   *
   * @param socket its stream
   * @param data the message
   */
  public final void sendBinary(PeerSocket socket, ByteBuffer data) {
    send(socket, BINARY, data);
  }

  /**
   * Begins the closing handshake.
   *
   * @param socket its stream
   * @param code of RFC 6455, section 7.4
   */
  public final void sendClose(PeerSocket socket, int code) {
    closing = true;
    send(socket, CLOSE, ByteBuffer.allocate(2).putShort(0, (short) code));
  }

  /**
   * Returns whether one of the two has begun the closing handshake.
   *
   * @return whether it is on its way to the end
   */
  public final boolean isClosing() {
    return closing;
  }

  private static void send(PeerSocket socket, int opcode, ByteBuffer payload) {
    int length = payload.remaining();
    ByteBuffer frame = ByteBuffer.allocate(10 + length);
    frame.put((byte) (0x80 | opcode));
    if (length < 126) {
      frame.put((byte) length);
    } else if (length <= 0xFFFF) {
      frame.put((byte) 126).putShort((short) length);
    } else {
      frame.put((byte) 127).putLong(length);
    }
    socket.send(ByteQueue.flipped(frame.put(payload)));
  }

  @Override
  public final void received(PeerSocket socket, ByteBuffer bytes) {
    input.add(bytes, bytes.remaining());
    if (!answered) {
      readHead(socket);
    }
    while (answered && readFrame(socket)) {
      // The next one.
    }
  }

  private void readHead(PeerSocket socket) {
    head.append(ISO_8859_1.decode(input.remove(input.size())));
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return;
    }
    String all = head.toString();
    ByteBuffer rest = ISO_8859_1.encode(all.substring(end + 4));
    input.add(rest, rest.remaining());
    String key = "";
    for (String line : all.substring(0, end).split("\r\n", -1)) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith(KEY)) {
        key = line.substring(KEY.length()).trim();
      }
    }
    String answer = answer(key);
    if (!answer.isEmpty()) {
      socket.send(ISO_8859_1.encode(answer));
    }
    if (answer.contains(" 101 ")) {
      answered = true;
      handshaken(socket);
    }
  }

  private static String accept(String key) {
    try {
      byte[] sha1 = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(ISO_8859_1));
      return Base64.getEncoder().encodeToString(sha1);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private boolean readFrame(PeerSocket socket) {
    ByteBuffer all = input.remove(input.size());
    ByteBuffer frame = all.duplicate();
    ByteBuffer payload = payload(frame);
    if (payload == null) {
      input.add(all, all.remaining());
      return false;
    }
    int opcode = all.get(0) & 0x0F;
    input.add(frame, frame.remaining());
    frame(opcode, payload.duplicate());
    switch (opcode) {
      case TEXT -> text(socket, UTF_8.decode(payload).toString());
      case BINARY -> binary(socket, payload);
      case PING -> send(socket, PONG, payload);
      case CLOSE -> {
        boolean answers = !closing && answersClose();
        closing = true;
        if (answers) {
          send(socket, CLOSE, payload);
        }
        if (answersClose()) {
          socket.finish(); // the server closes first (section 7.1.1)
        }
      }
      default -> {} // a pong
    }
    return true;
  }

  /** Returns the payload, unmasked, and moves past it; null if the frame is not complete. */
  private static @Nullable ByteBuffer payload(ByteBuffer frame) {
    if (frame.remaining() < 2) {
      return null;
    }
    frame.get();
    int length = frame.get() & 0x7F;
    int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (frame.remaining() < extended + 4) {
      return null;
    }
    if (extended == 2) {
      length = frame.getShort() & 0xFFFF;
    } else if (extended == 8) {
      length = (int) frame.getLong();
    }
    if (frame.remaining() < 4 + length) {
      return null;
    }
    byte[] mask = new byte[4];
    frame.get(mask);
    byte[] data = new byte[length];
    frame.get(data);
    for (int i = 0; i < length; i++) {
      data[i] ^= mask[i & 3];
    }
    return ByteBuffer.wrap(data);
  }

  /** Sends back what comes. */
  public static final class Echo extends WebSocketPeer {
    /** Creates one for one stream. */
    public Echo() {}

    @Override
    protected void text(PeerSocket socket, String text) {
      sendText(socket, text);
    }

    @Override
    protected void binary(PeerSocket socket, ByteBuffer data) {
      sendBinary(socket, data);
    }
  }
}
