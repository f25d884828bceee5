package io.dormouse.http;

import io.dormouse.connection.ConnectionException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Hears from OkHttp what becomes of one call, and asks the gate before the call opens a socket and
 * before it sends its request. On the call's thread, and while it connects on one of OkHttp's.
 */
final class CallEvents extends EventListener {
  /** RFC 9110, section 15.2.2. */
  private static final int SWITCHING_PROTOCOLS = 101;

  private static final String EVENT_STREAM = "text/event-stream";

  private final GatedCall gated;
  private final Gate gate;

  CallEvents(GatedCall gated) {
    this.gated = gated;
    this.gate = gated.gate();
  }

  /**
   * The call has no socket, and the app's proxy selector is about to be asked, which may block. A
   * call that may not have one is refused a little later: OkHttp would try for ever what throws
   * here.
   */
  @Override
  public void proxySelectStart(Call call, HttpUrl url) {
    boolean unused = gate.mayConnect(gated);
  }

  /** No name is looked up for a call that may not have a socket. */
  @Override
  public void dnsStart(Call call, String domainName) {
    refuseUnless(gate.mayConnect(gated));
  }

  /**
   * Stops a call from making a socket that it may not have, and from taking a SOCKS proxy: OkHttp
   * makes those sockets itself and asks no socket factory, so they could be neither refused nor
   * closed in the background. This is the last moment before it does. Failing is the only safe
   * answer: without the proxy the call would go past it.
   */
  @Override
  public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
    if (proxy.type() == Proxy.Type.SOCKS) {
      throwUndeclared(
          new ConnectionException(
              gate.connection().name(),
              "the proxy selector chose a SOCKS proxy, whose sockets could not be closed in the"
                  + " background; let it choose an HTTP proxy or none for this connection",
              null));
    }
    refuseUnless(gate.mayConnect(gated));
    CurrentCall.connects(gated, address);
  }

  @Override
  public void connectEnd(
      Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol) {
    Socket socket = gated.connected(address);
    boolean isOurs = socket == null || !socket.isClosed();
    refuseUnless(isOurs && !gate.wasTakenBack(gated));
  }

  @Override
  public void connectFailed(
      Call call,
      InetSocketAddress address,
      Proxy proxy,
      @Nullable Protocol protocol,
      IOException failure) {
    Socket unused = gated.connected(address);
  }

  @Override
  public void connectionAcquired(Call call, Connection connection) {
    gate.hasSocket(gated);
  }

  @Override
  public void requestHeadersStart(Call call) {
    if (!gate.send(gated)) {
      throwUndeclared(new NotSentException(gate.connection().refusal()));
    }
  }

  @Override
  public void requestBodyEnd(Call call, long byteCount) {
    gate.connection().countSent(byteCount);
  }

  @Override
  public void responseHeadersEnd(Call call, Response response) {
    String type = response.header("Content-Type", "");
    boolean stream = type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
    boolean drains = response.request().tag(InFlight.class) == InFlight.DRAIN;
    if (response.code() == SWITCHING_PROTOCOLS || (stream && !drains)) {
      gate.setInFlight(gated, InFlight.CANCEL); // it has no end
    }
  }

  @Override
  public void responseBodyEnd(Call call, long byteCount) {
    gate.connection().countReceived(byteCount);
  }

  @Override
  public void canceled(Call call) {
    gated.cancel();
  }

  @Override
  public void callEnd(Call call) {
    gate.leave(call);
  }

  @Override
  public void callFailed(Call call, IOException failure) {
    gate.leave(call);
  }

  private void refuseUnless(boolean may) {
    if (!may) {
      throwUndeclared(gate.connection().refusal());
    }
  }

  /**
   * Throws what the signature does not declare. OkHttp, being Kotlin, knows no declared exceptions;
   * to it this is an attempt that failed, while an unchecked exception would end the thread.
   */
  private static void throwUndeclared(IOException e) {
    CallEvents.<RuntimeException>sneak(e);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(IOException e) throws E {
    throw (E) e;
  }

  /**
   * Tells the gate that a call has begun. Apart from the others, and after the app's own listener:
   * if that one throws, the call never begins, and OkHttp tells nobody of its end.
   */
  static final class Start extends EventListener {
    private final Gate gate;

    /** Made with the call, and gone with it. */
    private final GatedCall gated;

    Start(GatedCall gated) {
      this.gate = gated.gate();
      this.gated = gated;
    }

    @Override
    public void callStart(Call call) {
      gate.accept(call, gated);
    }
  }
}
