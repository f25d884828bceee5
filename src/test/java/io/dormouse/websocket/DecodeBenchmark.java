package io.dormouse.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import okhttp3.internal.ws.WebSocketReader;
import okio.Buffer;
import okio.ByteString;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.Framedata;
import org.java_websocket.util.Charsetfunctions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The text of a server's frame of 100 characters. */
@State(Scope.Thread)
public class DecodeBenchmark {
  private final byte[] bytes;
  private final BoundedDraft draft = new BoundedDraft(16 * 1024 * 1024);
  private final Buffer buffer = new Buffer();
  private final Received received = new Received();
  private final WebSocketReader reader = new WebSocketReader(true, buffer, received, false, false);

  /** Makes a client, and a frame. */
  public DecodeBenchmark() {
    draft.setParseMode(Role.CLIENT);
    byte[] text = "x".repeat(100).getBytes(StandardCharsets.UTF_8);
    // The only fragment of a text, and its length without a mask (RFC 6455, section 5.2).
    bytes =
        ByteBuffer.allocate(2 + text.length)
            .put((byte) 0x81)
            .put((byte) text.length)
            .put(text)
            .array();
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

  /** Ours. */
  @Benchmark
  public String dormouse() throws InvalidDataException {
    Framedata frame = draft.translateFrame(ByteBuffer.wrap(bytes)).get(0);
    return Charsetfunctions.stringUtf8(frame.getPayloadData());
  }

  /** OkHttp's. */
  @Benchmark
  public String okhttp() throws IOException {
    buffer.write(bytes);
    reader.processNextFrame();
    return received.text;
  }
}
