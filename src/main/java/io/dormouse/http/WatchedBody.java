package io.dormouse.http;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.jspecify.annotations.Nullable;

/** A response's body that notes when it is read, and fails with our exception if it is cut off. */
final class WatchedBody extends ResponseBody {
  private final ResponseBody body;
  private final BufferedSource source;

  WatchedBody(ResponseBody body, Gate gate, CallWatch watch) {
    this.body = body;
    this.source = Okio.buffer(new Reads(body.source(), gate, watch));
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public BufferedSource source() {
    return source;
  }

  private static final class Reads extends ForwardingSource {
    private final Gate gate;
    private final CallWatch watch;

    Reads(Source source, Gate gate, CallWatch watch) {
      super(source);
      this.gate = gate;
      this.watch = watch;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      watch.readBegins();
      try {
        return super.read(sink, byteCount);
      } catch (IOException e) {
        throw gate.explain(watch, e);
      } finally {
        watch.readEnds();
      }
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } catch (IOException e) {
        throw gate.explain(watch, e);
      } finally {
        watch.takeOver();
      }
    }
  }
}
