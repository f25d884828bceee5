package io.dormouse.http;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a gate knows of one call. It holds no reference to the call itself, so that OkHttp still
 * notices calls that the app has dropped without closing them. The fields are the gate's, under its
 * lock, except for what is marked otherwise.
 */
final class GatedCall {
  /**
   * How far a call has got.
   *
   * <pre>{@code
   *              may begin               needs a socket
   * .---------. ----------> .----------. -------------> .------------.
   * | OUTSIDE |             | ADMITTED |                | CONNECTING |
   * '---------' <---------- '----------' <------------- '------------'
   *   ^     ^    taken back      |          has one       :       |
   *   :     '---------------------------------------------'       |
   *   :                          | its request begins             |
   *   :                          v                                |
   *   :                       .------. <--------------------------'
   *   :                       | SENT |
   *   :                       '------'
   *   : an interceptor of the    | the suspend's time is over
   *   : app tries it again       v
   *   :                     .---------.
   *   '-------------------- | CUT_OFF |
   *                         '---------'
   * }</pre>
   *
   * What was sent and not cut off has ENDED in the end.
   */
  enum Stage {
    /** Not let in yet, or taken back by a suspend before anything was sent: it has to ask. */
    OUTSIDE,
    /** Let in: in the dispatcher's queue, in the app's interceptors, or holding a socket. */
    ADMITTED,
    /** Let in, without a socket and on its way to one: proxy, name look-up, connect, TLS. */
    CONNECTING,
    /** From the first byte of its request until the body of its response is closed. */
    SENT,
    /** A suspend ended it after it had been sent. */
    CUT_OFF,
    /** The body of its response is closed, or it has failed: no call within it is needed for it. */
    ENDED
  }

  private final Gate gate;

  Stage stage = Stage.OUTSIDE;

  /** What becomes of it if it is in flight at a suspend. */
  InFlight inFlight;

  /** The call in whose interceptor or authenticator this one began. */
  @Nullable GatedCall parent;

  // For any thread.

  private final Map<InetSocketAddress, Socket> connecting = new ConcurrentHashMap<>(2);

  // Written by whoever has the response, the time before the other.
  private volatile long idleSinceNanos;
  private volatile boolean idle;

  private volatile boolean canceled;

  GatedCall(Gate gate, InFlight inFlight) {
    this.gate = gate;
    this.inFlight = inFlight;
  }

  Gate gate() {
    return gate;
  }

  /** Any thread. */
  boolean isCanceled() {
    return canceled;
  }

  /** Any thread. */
  void cancel() {
    canceled = true;
    gate.waiters().wake(this);
  }

  /** Returns whether one of the calls that wait for this one is of the same gate, and there. */
  boolean isWithinOneThatIs(Stage stageOfIt) {
    for (GatedCall above = parent; above != null; above = above.parent) {
      if (above.gate == gate && above.stage == stageOfIt) {
        return true;
      }
    }
    return false;
  }

  // --------------------------------------------------- sockets that are connecting; any thread

  void connects(InetSocketAddress address, Socket socket) {
    connecting.put(address, socket);
  }

  /** Returns and forgets the socket that was connecting to this address. */
  @Nullable Socket connected(InetSocketAddress address) {
    return connecting.remove(address);
  }

  /** Returns and forgets the sockets that are connecting. */
  List<Socket> takeConnecting() {
    List<Socket> sockets = new ArrayList<>();
    connecting.keySet().forEach(address -> sockets.add(connecting.remove(address)));
    return sockets;
  }

  // ------------------------------------------ what the app does with the response; any thread

  /** The app has the response, and does not read from it now. */
  void idles() {
    idleSinceNanos = gate.nanoTime();
    idle = true;
  }

  /** The app reads from the response, has closed it, or sends its request once more. */
  void isBusy() {
    idle = false;
  }

  /** It has ended, so that the app can go on with the call that it was within. */
  void ended() {
    stage = stage == Stage.SENT ? Stage.ENDED : stage;
    if (parent != null) {
      parent.idleSinceNanos = gate.nanoTime();
    }
  }

  /** Returns whether the app has had the response for so long without reading from it. */
  boolean isForgotten(long nowNanos, long afterNanos) {
    return idle && nowNanos - idleSinceNanos >= afterNanos;
  }
}
