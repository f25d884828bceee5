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

  WatchedBody(ResponseBody body, Gate gate, GatedCall call) {
    this.body = body;
    this.source = Okio.buffer(new Reads(body.source(), gate, call));
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
    private final GatedCall call;

    Reads(Source source, Gate gate, GatedCall call) {
      super(source);
      this.gate = gate;
      this.call = call;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      call.isBusy();
      try {
        return super.read(sink, byteCount);
      } catch (IOException e) {
        throw gate.explain(call, e);
      } finally {
        call.idles();
      }
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } catch (IOException e) {
        throw gate.explain(call, e);
      } finally {
        call.isBusy();
      }
    }
  }
}
