package io.dormouse.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import okhttp3.internal.ws.WebSocketReader;
import okio.Buffer;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The text of a server's frame of 100 characters. */
@State(Scope.Thread)
public class DecodeBenchmark {
  private final byte[] bytes;
  private final ByteBuffer read = ByteBuffer.allocateDirect(64 * 1024);
  private final Told told = new Told();
  private final FrameReader frames = new FrameReader(told, 16 * 1024 * 1024);
  private final Buffer buffer = new Buffer();
  private final Received received = new Received();
  private final WebSocketReader reader = new WebSocketReader(true, buffer, received, false, false);

  /** Makes a client, and a frame. */
  public DecodeBenchmark() {
    byte[] text = "x".repeat(100).getBytes(StandardCharsets.UTF_8);
    // The only fragment of a text, and its length without a mask (RFC 6455, section 5.2).
    bytes =
        ByteBuffer.allocate(2 + text.length)
            .put((byte) 0x81)
            .put((byte) text.length)
            .put(text)
            .array();
  }

  private static final class Told implements FrameReader.Listener {
    private String text = "";

    @Override
    public void text(String message, int length) {
      text = message;
    }

    @Override
    public void message(Incoming message) {}

    @Override
    public void ping(ByteBuffer data) {}

    @Override
    public void pong(ByteBuffer data) {}

    @Override
    public void close(int code, String reason) {}
  }

  private static final class Received implements WebSocketReader.FrameCallback {
    private String text = "";

    @Override
    public void onReadMessage(String message) {
      text = message;
    }

    @Override
    public void onReadMessage(ByteString message) {}

    @Override
    public void onReadPing(ByteString payload) {}

    @Override
    public void onReadPong(ByteString payload) {}

    @Override
    public void onReadClose(int code, String reason) {}
  }

  /** Ours, from the memory that a stream reads into, which takes the place of OkHttp's buffer. */
  @Benchmark
  public String dormouse() throws FrameException {
    read.clear().put(bytes).flip();
    frames.read(read);
    return told.text;
  }

  /** OkHttp's. */
  @Benchmark
  public String okhttp() throws IOException {
    buffer.write(bytes);
    reader.processNextFrame();
    return received.text;
  }
}
