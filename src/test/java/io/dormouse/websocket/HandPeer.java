package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * The server's side of one WebSocket, written by hand so that a test can play it well or badly. The
 * client's request has been read when it is made.
 */
final class HandPeer implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** A frame from the client. */
  static final class Frame {
    private final int opcode;
    private final byte[] payload;
    private final boolean compressed;

    Frame(int opcode, byte[] payload, boolean compressed) {
      this.opcode = opcode;
      this.payload = payload;
      this.compressed = compressed;
    }

    /** Whether RSV1 is set. */
    boolean isCompressed() {
      return compressed;
    }

    int opcode() {
      return opcode;
    }

    byte[] payload() {
      return payload;
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** Of a close frame. */
    int code() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
    }

    /** Of a close frame. */
    String reason() {
      return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }
  }

  final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final List<String> request = new ArrayList<>();

  private HandPeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      request.add(line);
    }
  }

  /** Waits for the next client and reads its request. */
  static HandPeer next(RawServer server) {
    try {
      return new HandPeer(server.next());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the request of a client that is connected. */
  static HandPeer over(Socket socket) throws IOException {
    return new HandPeer(socket);
  }

  /** Waits for the next client, and accepts it. */
  static HandPeer accept(RawServer server, String... moreHeaders) {
    return next(server).open(moreHeaders);
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
      line.write(c);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    assertThat(text).endsWith("\r");
    return text.substring(0, text.length() - 1);
  }

  // ------------------------------------------------------------------------------ the handshake

  String requestLine() {
    return request.get(0);
  }

  /** Returns the values of all headers of this name. */
  List<String> headers(String name) {
    String prefix = name.toLowerCase(Locale.ROOT) + ":";
    List<String> values = new ArrayList<>();
    for (String line : request) {
      if (line.toLowerCase(Locale.ROOT).startsWith(prefix)) {
        values.add(line.substring(prefix.length()).trim());
      }
    }
    return values;
  }

  /** Returns the value of a header that is there once. */
  String header(String name) {
    assertThat(headers(name)).as(name).hasSize(1);
    return headers(name).get(0);
  }

  /** Answers as it should be. */
  HandPeer open(String... moreHeaders) {
    return write(acceptance(moreHeaders));
  }

  /** Returns the answer that opens. */
  byte[] acceptance(String... moreHeaders) {
    StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
    head.append("Upgrade: websocket\r\nConnection: Upgrade\r\n");
    head.append("Sec-WebSocket-Accept: ").append(acceptKey()).append("\r\n");
    for (String line : moreHeaders) {
      head.append(line).append("\r\n");
    }
    return bytes(head.append("\r\n").toString());
  }

  String acceptKey() {
    try {
      String text = header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      byte[] sha = MessageDigest.getInstance("SHA-1").digest(bytes(text));
      return Base64.getEncoder().encodeToString(sha);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers with these lines and an empty one. */
  HandPeer answer(String... lines) {
    return write(bytes(String.join("\r\n", lines) + "\r\n\r\n"));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------------------------ writing

  HandPeer write(byte[]... parts) {
    try {
      out.write(concat(parts));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  HandPeer text(String text) {
    return write(frame(TEXT, text));
  }

  HandPeer ping(String data) {
    return write(frame(PING, data));
  }

  HandPeer sayClose(int code) {
    return write(closeFrame(code));
  }

  static byte[] closeFrame(int code) {
    return frame(true, CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  static byte[] frame(int opcode, String payload) {
    return frame(true, opcode, bytes(payload));
  }

  static byte[] frame(boolean fin, int opcode, byte[] payload) {
    return concat(head(fin, opcode, payload.length), payload);
  }

  /** Returns the head of a frame that is not masked. */
  static byte[] head(boolean fin, int opcode, long length) {
    ByteBuffer head = ByteBuffer.allocate(10);
    head.put((byte) ((fin ? 0x80 : 0) | opcode));
    if (length <= 125) {
      head.put((byte) length);
    } else if (length <= 65_535) {
      head.put((byte) 126).putShort((short) length);
    } else {
      head.put((byte) 127).putLong(length);
    }
    byte[] copy = new byte[head.position()];
    head.flip().get(copy);
    return copy;
  }

  // ------------------------------------------------------------------------------------ reading

  /** The head of a frame from the client. */
  private record Head(int opcode, boolean compressed, long length, int mask) {}

  private Head readHead() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    assertThat(first & 0xb0).as("FIN, and no RSV but RSV1").isEqualTo(0x80);
    assertThat(second & 0x80).as("the mask bit (RFC 6455, section 5.1)").isEqualTo(0x80);
    long length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    return new Head(first & 0x0f, (first & 0x40) != 0, length, in.readInt());
  }

  private Frame readPayload(Head head) throws IOException {
    byte[] payload = in.readNBytes((int) head.length);
    if (payload.length < head.length) {
      throw new EOFException("in the middle of a frame");
    }
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= (byte) (head.mask >>> (24 - 8 * (i % 4)));
    }
    return new Frame(head.opcode, payload, head.compressed);
  }

  /** Waits for the client's next frame, which must be masked, and not compressed. */
  Frame read() {
    Frame frame = readEither();
    assertThat(frame.isCompressed()).as("RSV1").isFalse();
    return frame;
  }

  /** Waits for the client's next frame, which may be compressed. */
  Frame readEither() {
    try {
      return readPayload(readHead());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the head of a frame of this kind; whole frames of other kinds may come before it. */
  void readToHead(int opcode) {
    try {
      for (Head head = readHead(); head.opcode != opcode; head = readHead()) {
        Frame unused = readPayload(head);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the client's next frame, which must be of this kind. */
  Frame read(int opcode) {
    Frame frame = read();
    assertThat(frame.opcode()).as("opcode").isEqualTo(opcode);
    return frame;
  }

  /** Waits until something has come, and does not read it. */
  void awaitBytes() {
    Await.until(
        "bytes from the client",
        () -> {
          try {
            return in.available() > 0;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Waits for so many bytes, whatever they are. */
  void skip(int bytes) {
    try {
      in.skipNBytes(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the client's FIN; nothing else may come before it. */
  void readEnd() {
    try {
      assertThat(in.read()).as("the end of the stream").isEqualTo(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the client has cut the connection: the system's name for it may be a reset. */
  void awaitCut() {
    try {
      assertThat(in.read()).as("the end of the stream").isEqualTo(-1);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does what a good server does when the client sends its close frame, and returns that. */
  Frame answerClose() {
    Frame closeFrame = read(CLOSE);
    write(frame(true, CLOSE, closeFrame.payload()));
    close();
    return closeFrame;
  }

  // ---------------------------------------------------------------------------------- the end

  /** FIN. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** RST. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
