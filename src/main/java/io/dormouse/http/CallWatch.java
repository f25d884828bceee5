package io.dormouse.http;

import io.dormouse.connection.ConnectionException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Hears from OkHttp what becomes of one call, and asks the gate before the call opens a socket or
 * sends its request. It holds no reference to its call, so that OkHttp still notices calls that the
 * app has dropped without closing them.
 *
 * <p>The fields are the gate's, under its lock, except for what is marked otherwise.
 */
final class CallWatch extends EventListener {
  /** How far a call has got. */
  enum Stage {
    /** Not let in yet, or taken back by a suspend before anything was sent: it has to ask. */
    OUTSIDE,
    /** Let in: in the dispatcher's queue, in the app's interceptors, or looking for a socket. */
    ADMITTED,
    /** From the first byte of its request until the body of its response is closed. */
    SENT,
    /** A suspend ended it after it had been sent. */
    CUT_OFF
  }

  /** RFC 9110, section 15.2.2. */
  private static final int SWITCHING_PROTOCOLS = 101;

  private static final String EVENT_STREAM = "text/event-stream";

  /** The innermost call that is running on this thread, in an interceptor of the app perhaps. */
  private static final ThreadLocal<@Nullable CallWatch> RUNNING_HERE = new ThreadLocal<>();

  /** What this thread is about to make a socket for; OkHttp does not tell the socket factory. */
  private static final ThreadLocal<@Nullable Attempt> CONNECTING_HERE = new ThreadLocal<>();

  /** A connect attempt of a call. */
  record Attempt(CallWatch watch, InetSocketAddress address) {}

  private final Gate gate;

  Stage stage = Stage.OUTSIDE;
  InFlight inFlight;

  /** It has no connection, and is on its way to one: name look-up, connect, TLS. */
  boolean seeksSocket;

  /** The call in whose interceptor or authenticator this one was made. */
  @Nullable CallWatch parent;

  private final Map<InetSocketAddress, Socket> connecting = new HashMap<>(2);

  // What the app does with the response, written by whoever reads it. Not under the lock.
  private volatile boolean withApp;
  private volatile boolean reading;
  private volatile long lastMoveNanos;

  private volatile boolean canceled;

  CallWatch(Gate gate) {
    this.gate = gate;
    this.inFlight = gate.inFlight();
  }

  Gate gate() {
    return gate;
  }

  boolean isCanceled() {
    return canceled;
  }

  // ------------------------------------------------------------------------- the call's thread

  static @Nullable CallWatch runningHere() {
    return RUNNING_HERE.get();
  }

  /** Sets what runs on this thread; null for nothing. */
  static void runsHere(@Nullable CallWatch watch) {
    if (watch == null) {
      RUNNING_HERE.remove();
    } else {
      RUNNING_HERE.set(watch);
    }
  }

  /** Returns and forgets what this thread is about to make a socket for, if it is of this gate. */
  static @Nullable Attempt takeAttempt(Gate gate) {
    Attempt attempt = CONNECTING_HERE.get();
    CONNECTING_HERE.remove();
    return attempt != null && attempt.watch.gate == gate ? attempt : null;
  }

  // ---------------------------------------------------------------- what the app does with it

  /** The response goes to the app, which reads it, or forgets it. */
  void handOver() {
    moved();
    withApp = true;
  }

  /** The app has given it back: its body is closed, or its request goes out once more. */
  void takeOver() {
    withApp = false;
    moved();
  }

  void readBegins() {
    reading = true;
  }

  void readEnds() {
    moved();
    reading = false;
  }

  void moved() {
    lastMoveNanos = gate.nanoTime();
  }

  /** Whether the app has had the response for so long without reading from it. */
  boolean isForgotten(long nowNanos, long afterNanos) {
    return withApp && !reading && nowNanos - lastMoveNanos >= afterNanos;
  }

  // --------------------------------------------------------------------- for the gate, locked

  void connects(InetSocketAddress address, Socket socket) {
    connecting.put(address, socket);
  }

  @Nullable Socket connected(InetSocketAddress address) {
    return connecting.remove(address);
  }

  /** Forgets the sockets that are connecting, and returns them. */
  List<Socket> takeConnecting() {
    List<Socket> sockets = new ArrayList<>(connecting.values());
    connecting.clear();
    return sockets;
  }

  // ------------------------------------------------------------------------- OkHttp's events

  /** No name is looked up for a call that may not have a socket. */
  @Override
  public void dnsStart(Call call, String domainName) {
    refuseUnless(gate.mayConnect(this));
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
              gate.connectionName(),
              "the proxy selector chose a SOCKS proxy, whose sockets could not be closed in the"
                  + " background; let it choose an HTTP proxy or none for this connection",
              null));
    }
    refuseUnless(gate.mayConnect(this));
    CONNECTING_HERE.set(new Attempt(this, address));
  }

  @Override
  public void connectEnd(
      Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol) {
    refuseUnless(gate.hasConnected(this, address));
  }

  @Override
  public void connectFailed(
      Call call,
      InetSocketAddress address,
      Proxy proxy,
      @Nullable Protocol protocol,
      IOException failure) {
    gate.hasNotConnected(this, address);
  }

  @Override
  public void connectionAcquired(Call call, okhttp3.Connection connection) {
    gate.hasSocket(this);
  }

  @Override
  public void requestHeadersStart(Call call) {
    if (!gate.send(this)) {
      throwUndeclared(new NotSentException(gate.refusal()));
    }
  }

  @Override
  public void requestBodyEnd(Call call, long byteCount) {
    gate.countSent(byteCount);
  }

  @Override
  public void responseHeadersEnd(Call call, Response response) {
    String type = response.header("Content-Type", "");
    if (response.code() == SWITCHING_PROTOCOLS) {
      gate.hasNoEnd(this);
    } else if (type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length())
        && response.request().tag(InFlight.class) != InFlight.DRAIN) {
      gate.hasNoEnd(this);
    }
  }

  @Override
  public void responseBodyEnd(Call call, long byteCount) {
    gate.countReceived(byteCount);
  }

  @Override
  public void canceled(Call call) {
    canceled = true;
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

  private void refuseUnless(boolean may) {
    if (!may) {
      throwUndeclared(gate.refusal());
    }
  }

  /**
   * Throws what the signature does not declare. OkHttp, being Kotlin, knows no declared exceptions;
   * to it this is an attempt that failed, while an unchecked exception would end the thread.
   */
  private static void throwUndeclared(IOException e) {
    CallWatch.<RuntimeException>sneak(e);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(IOException e) throws E {
    throw (E) e;
  }

  /**
   * Tells the gate that a call has begun. Apart from the watch, and after the app's own listener:
   * if that one throws, the call never begins, and OkHttp tells nobody of its end.
   */
  static final class Start extends EventListener {
    private final CallWatch watch;

    Start(CallWatch watch) {
      this.watch = watch;
    }

    @Override
    public void callStart(Call call) {
      watch.gate.accept(call, watch);
    }
  }
}
