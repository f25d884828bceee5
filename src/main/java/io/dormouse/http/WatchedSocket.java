package io.dormouse.http;

import java.io.IOException;
import okio.Buffer;
import okio.ForwardingSink;
import okio.ForwardingSource;
import okio.Sink;
import okio.Socket;
import okio.Source;

/** What a call was upgraded to, a WebSocket for one: fails with our exception if it is cut off. */
final class WatchedSocket implements Socket {
  private final Socket socket;
  private final Source source;
  private final Sink sink;

  WatchedSocket(Socket socket, Gate gate, GatedCall call) {
    this.socket = socket;
    this.source =
        new ForwardingSource(socket.getSource()) {
          @Override
          public long read(Buffer into, long byteCount) throws IOException {
            try {
              return super.read(into, byteCount);
            } catch (IOException e) {
              throw gate.explain(call, e);
            }
          }
        };
    this.sink =
        new ForwardingSink(socket.getSink()) {
          @Override
          public void write(Buffer from, long byteCount) throws IOException {
            try {
              super.write(from, byteCount);
            } catch (IOException e) {
              throw gate.explain(call, e);
            }
          }

          @Override
          public void flush() throws IOException {
            try {
              super.flush();
            } catch (IOException e) {
              throw gate.explain(call, e);
            }
          }
        };
  }

  @Override
  public Source getSource() {
    return source;
  }

  @Override
  public Sink getSink() {
    return sink;
  }

  @Override
  public void cancel() {
    socket.cancel();
  }
}
