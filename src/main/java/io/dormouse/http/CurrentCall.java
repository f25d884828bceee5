package io.dormouse.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the current thread does for a call: OkHttp tells neither a socket factory nor a resolver for
 * which call it asks, nor a call within which other call it is made.
 */
final class CurrentCall {
  private static final ThreadLocal<@Nullable GatedCall> RUNNING = new ThreadLocal<>();
  private static final ThreadLocal<@Nullable Attempt> CONNECTING = new ThreadLocal<>();

  /** A connect attempt of a call. */
  record Attempt(GatedCall call, InetSocketAddress address) {}

  private CurrentCall() {}

  /** Returns the innermost call that runs on this thread, in an interceptor of the app perhaps. */
  static @Nullable GatedCall running() {
    return RUNNING.get();
  }

  /** Sets what runs on this thread; null for nothing. */
  static void runs(@Nullable GatedCall call) {
    if (call == null) {
      RUNNING.remove();
    } else {
      RUNNING.set(call);
    }
  }

  /** This thread is about to ask the socket factory for a socket. */
  static void connects(GatedCall call, InetSocketAddress address) {
    CONNECTING.set(new Attempt(call, address));
  }

  /** Returns and forgets what this thread asks for a socket for, if it is of this gate. */
  static @Nullable Attempt takeAttempt(Gate gate) {
    Attempt attempt = CONNECTING.get();
    CONNECTING.remove();
    return attempt != null && attempt.call.gate() == gate ? attempt : null;
  }
}
