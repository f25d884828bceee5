package io.dormouse.websocket;

import java.io.IOException;
import java.security.SecureRandom;
import okhttp3.internal.ws.WebSocketWriter;
import okio.Buffer;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A text of 100 characters as a client's frame, masked with random numbers of the same kind. */
@State(Scope.Thread)
public class EncodeBenchmark {
  private static final int TEXT = 1; // RFC 6455, section 11.8

  private final String text = "x".repeat(100);
  private final Buffer buffer = new Buffer();
  private final WebSocketWriter writer =
      new WebSocketWriter(true, buffer, new SecureRandom(), false, false, Long.MAX_VALUE);

  /** Ours. */
  @Benchmark
  public long dormouse() {
    return Message.text(text).frame().remaining();
  }

  /** OkHttp's. */
  @Benchmark
  public long okhttp() throws IOException {
    writer.writeMessageFrame(TEXT, ByteString.encodeUtf8(text));
    long bytes = buffer.size();
    buffer.clear();
    return bytes;
  }
}
