package io.dormouse.testing;

import java.io.IOException;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;

/**
 * Stands below all other interceptors of a client, and tells a simulated socket when it is in use.
 * The rest of a response that is closed early is skipped here: OkHttp would do it too, but by its
 * own, real clock.
 */
final class SocketUse implements Interceptor {
  @Override
  public Response intercept(Chain chain) throws IOException {
    Connection connection = chain.connection();
    if (connection == null || !(connection.socket() instanceof SimulatedSocket socket)) {
      return chain.proceed(chain.request());
    }
    socket.inUse(true);
    Response response = chain.proceed(chain.request());
    if (response.socket() != null) {
      return response; // upgraded
    }
    ResponseBody body = response.body();
    boolean hasEnd =
        body.contentLength() >= 0
            || "chunked".equalsIgnoreCase(response.header("Transfer-Encoding"));
    BufferedSource source = Okio.buffer(new Rest(body.source(), hasEnd, socket));
    return response
        .newBuilder()
        .body(ResponseBody.create(source, body.contentType(), body.contentLength()))
        .build();
  }

  private static final class Rest extends ForwardingSource {
    private static final int PIECE = 8 * 1024;

    private final BufferedSource body;
    private final boolean hasEnd;
    private final SimulatedSocket socket;
    private boolean closed;

    Rest(BufferedSource body, boolean hasEnd, SimulatedSocket socket) {
      super(body);
      this.body = body;
      this.hasEnd = hasEnd;
      this.socket = socket;
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      if (hasEnd && !skip()) {
        socket.close(); // so that OkHttp finds nothing to wait for
      }
      socket.inUse(false);
      super.close();
    }

    /** Returns whether the rest has come soon, so that the socket can be used again. */
    private boolean skip() {
      Buffer rest = new Buffer();
      socket.hurry(true);
      try {
        while (body.read(rest, PIECE) >= 0) {
          rest.clear();
        }
        return true;
      } catch (IOException e) {
        return false;
      } finally {
        socket.hurry(false);
      }
    }
  }
}
