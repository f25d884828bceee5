package io.dormouse.http;

import io.dormouse.http.GatedCall.Stage;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a gate knows, and for which of them a suspend waits. Guarded by the gate's lock.
 */
final class Calls {
  private final Map<Call, GatedCall> known = new WeakHashMap<>();
  private final long forgottenNanos;
  private boolean unannounced;
  private long lastChangeNanos;

  /**
   * Creates one that knows none.
   *
   * @param forgottenNanos a suspend does not wait for a response that the app has not read from for
   *     so long, nor for a call that has still not been sent when nothing else has happened
   */
  Calls(long forgottenNanos) {
    this.forgottenNanos = forgottenNanos;
  }

  /** Returns what is known of a call; null if it is not known. */
  @Nullable GatedCall find(Call call) {
    return known.get(call);
  }

  /** Remembers a call that is about to queue. */
  void add(Call call, GatedCall gated) {
    gated.parent = CurrentCall.running();
    known.put(call, gated);
  }

  /** Remembers a call that was not heard of when it was about to. */
  void addUnannounced(Call call, GatedCall gated) {
    unannounced = true;
    add(call, gated);
  }

  /** Returns whether there was one, so that there may be more which still queue. */
  boolean hasUnannounced() {
    return unannounced;
  }

  /** Forgets a call that has ended. */
  void remove(Call call) {
    GatedCall gone = known.remove(call);
    if (gone != null) {
      gone.ended();
    }
  }

  // ------------------------------------------------------------------------------ in a suspend

  /** Something about a call has changed, or the gate has. */
  void changed(long nowNanos) {
    lastChangeNanos = nowNanos;
  }

  /**
   * Returns whether a suspend waits for one of them.
   *
   * @param isBack whether the app is back by now, so that none is to be cut off
   */
  boolean isAnyWaitedFor(boolean isBack, long nowNanos) {
    return known.values().stream()
        .anyMatch(
            call ->
                (isBack || call.inFlight == InFlight.DRAIN) && hasSomethingToSave(call, nowNanos));
  }

  private boolean hasSomethingToSave(GatedCall call, long nowNanos) {
    return switch (call.stage) {
      case OUTSIDE, CUT_OFF, ENDED -> false;
      // In a queue it waits for those that were sent, so the time counts from the last of these.
      case ADMITTED, CONNECTING -> nowNanos - lastChangeNanos < forgottenNanos;
      case SENT -> !call.isForgotten(nowNanos, forgottenNanos);
    };
  }

  /**
   * Takes back those that have no socket, unless one that was sent needs them.
   *
   * @return the sockets that were connecting, to be closed
   */
  List<Socket> takeBack() {
    List<Socket> sockets = new ArrayList<>();
    for (GatedCall call : known.values()) {
      if (call.stage == Stage.CONNECTING && !call.isWithinOneThatIs(Stage.SENT)) {
        call.stage = Stage.OUTSIDE;
        sockets.addAll(call.takeConnecting());
      }
    }
    return sockets;
  }

  /** Cuts off what was sent; what was not has to ask again. */
  void cutOff() {
    for (GatedCall call : known.values()) {
      call.stage =
          switch (call.stage) {
            case SENT, CUT_OFF -> Stage.CUT_OFF;
            case ADMITTED, CONNECTING, OUTSIDE -> Stage.OUTSIDE;
            case ENDED -> Stage.ENDED;
          };
    }
  }
}
