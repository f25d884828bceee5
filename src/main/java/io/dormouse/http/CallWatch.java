package io.dormouse.http;

import io.dormouse.connection.ConnectionException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Response;

/**
 * Hears from OkHttp what becomes of one call and tells the gate. It holds no reference to its call,
 * so that OkHttp still notices calls that the app has dropped without closing them.
 */
final class CallWatch extends EventListener {
  /** Where a call is on its way through the gate. */
  enum Stage {
    /** Before the gate. */
    OUTSIDE,
    /** Accepted, and in the queue of the dispatcher or on its way from there. In flight. */
    ACCEPTED,
    /** Through the gate, until its response body is closed. In flight. */
    RUNNING,
    /** Its response has no end, so that nobody waits for that: WebSocket, server-sent events. */
    ENDLESS,
    /** Ended by a suspend. */
    CUT_OFF
  }

  /** RFC 9110, section 15.2.2. */
  private static final int SWITCHING_PROTOCOLS = 101;

  private static final String EVENT_STREAM = "text/event-stream";

  private final String connectionName;
  private final Gate gate;

  /** Guarded by the gate's lock. */
  private Stage stage = Stage.OUTSIDE;

  /** The server may have seen the call, so that it can't be held back any more. */
  private volatile boolean sent;

  CallWatch(String connectionName, Gate gate) {
    this.connectionName = connectionName;
    this.gate = gate;
  }

  Stage stage() {
    return stage;
  }

  void moveTo(Stage next) {
    stage = next;
  }

  boolean isInFlight() {
    return stage == Stage.ACCEPTED || stage == Stage.RUNNING;
  }

  boolean isSent() {
    return sent;
  }

  @Override
  public void callStart(Call call) {
    gate.accept(call, this); // it asks again when its turn has come
  }

  /**
   * Stops a call from taking a SOCKS proxy: OkHttp makes those sockets itself and asks no socket
   * factory, so they could be neither refused nor closed in the background. This is the last moment
   * before it does. Failing is the only safe answer: without the proxy the call would go past it.
   */
  @Override
  public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
    if (proxy.type() == Proxy.Type.SOCKS) {
      CallWatch.<RuntimeException>throwUndeclared(
          new ConnectionException(
              connectionName,
              "the proxy selector chose a SOCKS proxy, whose sockets could not be closed in the"
                  + " background; let it choose an HTTP proxy or none for this connection",
              null));
    }
  }

  /**
   * Throws what the signature does not declare. OkHttp, being Kotlin, knows no declared exceptions;
   * to it this is a connect attempt that failed, while an unchecked exception would end the thread.
   */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwUndeclared(IOException e) throws E {
    throw (E) e;
  }

  @Override
  public void requestHeadersStart(Call call) {
    sent = true;
  }

  @Override
  public void requestBodyEnd(Call call, long byteCount) {
    gate.countSent(byteCount);
  }

  @Override
  public void responseHeadersEnd(Call call, Response response) {
    String type = response.header("Content-Type", "");
    if (response.code() == SWITCHING_PROTOCOLS
        || type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length())) {
      gate.isEndless(this);
    }
  }

  @Override
  public void responseBodyEnd(Call call, long byteCount) {
    gate.countReceived(byteCount);
  }

  @Override
  public void canceled(Call call) {
    gate.wakeWaiters();
  }

  @Override
  public void callEnd(Call call) {
    gate.leave(call);
  }

  @Override
  public void callFailed(Call call, IOException failure) {
    gate.leave(call);
  }
}
