package io.dormouse.http;

import io.dormouse.connection.NotOpenException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Lets each call through the gate, refuses it, or makes it wait there, on the call's thread. */
final class GateInterceptor implements Interceptor {
  /** Nothing announces that a wish has ended which never led to a generation, so that is polled. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * How long after the app's return a name that does not resolve is taken for the network's late
   * return. Shorter than for connections that nobody waits for: here a person may.
   */
  private static final long NETWORK_RETURN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long RESOLVE_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Standing connection;
  private final Gate gate;
  private final Duration waitAtMost;

  GateInterceptor(Standing connection, Gate gate, Duration waitAtMost) {
    this.connection = connection;
    this.gate = gate;
    this.waitAtMost = waitAtMost;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    CallWatch watch = watchOf(chain.call());
    while (true) {
      if (!gate.enter(watch)) {
        if (waitAtMost.isZero() && !connection.mayBegin()) {
          throw connection.refusal();
        }
        awaitEntry(chain, watch);
      }
      try {
        return chain.proceed(chain.request());
      } catch (IOException e) {
        if (!mayTryAgain(chain.call(), watch, e)) {
          throw gate.isCutOff(watch) ? cutOff(e) : e;
        }
      }
    }
  }

  /** Only what the server has not seen is tried again, so nothing is ever sent twice. */
  private boolean mayTryAgain(Call call, CallWatch watch, IOException failure)
      throws InterruptedIOException {
    if (failure instanceof SuspendedException) {
      return gate.goBack(watch); // it found no socket; the gate decides whether it may wait for one
    }
    if (!(failure instanceof UnknownHostException)
        || watch.isSent()
        || !gate.wasOpenedWithin(NETWORK_RETURN_NANOS)) {
      return false;
    }
    pause(gate.changes(), RESOLVE_AGAIN_NANOS);
    return connection.mayBegin() && !call.isCanceled();
  }

  private IOException cutOff(IOException cause) {
    return cause instanceof SuspendedException
        ? cause
        : new SuspendedException(
            connection.name(), "the call was cut off when the connection was suspended", cause);
  }

  /** A client that the app derived with an event listener of its own tells us of no start. */
  private CallWatch watchOf(Call call) {
    CallWatch known = gate.watchOf(call);
    if (known != null) {
      return known;
    }
    CallWatch watch = new CallWatch(connection.name(), gate);
    gate.watch(call, watch);
    call.addEventListener(watch);
    return watch;
  }

  private void awaitEntry(Chain chain, CallWatch watch) throws IOException {
    // Also tells of the one end that no generation sees: closed while asleep.
    CompletableFuture<Void> open = connection.whenOpen();
    CompletableFuture<Void> unused = open.whenComplete((done, failure) -> gate.wakeWaiters());
    try {
      long start = System.nanoTime();
      long wantedSince = start;
      while (true) {
        long seen = gate.changes();
        boolean wanted = connection.mayBegin();
        if (gate.enter(watch)) {
          return;
        } else if (chain.call().isCanceled()) {
          throw new IOException("Canceled");
        }
        long now = System.nanoTime();
        wantedSince = wanted ? wantedSince : now;
        long left = wanted ? opensWithin(chain) - (now - wantedSince) : sleepsLeft(now - start);
        if (left <= 0) {
          throw refusal(wanted);
        }
        pause(seen, wanted ? Math.min(left, LOOK_AGAIN_NANOS) : left);
      }
    } finally {
      open.cancel(false); // the connection need not keep it any longer
    }
  }

  private void pause(long seen, long nanos) throws InterruptedIOException {
    try {
      gate.awaitChange(seen, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** How long a call waits for a connection that is on its way: as long as for a server. */
  private static long opensWithin(Chain chain) {
    int millis = chain.connectTimeoutMillis();
    return millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private long sleepsLeft(long waitedNanos) {
    return connection.isGone() ? 0 : waitAtMost.toNanos() - waitedNanos;
  }

  private IOException refusal(boolean wanted) {
    if (wanted) {
      return new NotOpenException(connection.name(), connection.state());
    }
    return connection.refusal();
  }
}
