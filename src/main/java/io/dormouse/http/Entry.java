package io.dormouse.http;

import io.dormouse.connection.NotOpenException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor.Chain;

/** Lets a call through the gate, refuses it, or makes it wait there, on the call's thread. */
final class Entry {
  /** Nothing announces that a connection is not wanted any more which never opened, so: a poll. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final ConnectionView connection;
  private final Gate gate;
  private final Duration waitAtMost;

  Entry(ConnectionView connection, Gate gate, Duration waitAtMost) {
    this.connection = connection;
    this.gate = gate;
    this.waitAtMost = waitAtMost;
  }

  /** Returns when the call may go on; throws if it may not. */
  void await(Chain chain, GatedCall call) throws IOException {
    if (gate.enter(call)) {
      return;
    }
    if (waitAtMost.isZero() && !connection.mayBegin()) {
      throw connection.refusal();
    }
    try (Waiters.Waiter waiter = gate.waiters().waiter(call)) {
      awaitOpen(chain, call, waiter);
    }
  }

  private void awaitOpen(Chain chain, GatedCall call, Waiters.Waiter waiter) throws IOException {
    long start = gate.nanoTime();
    long wantedSince = start;
    while (true) {
      waiter.look();
      boolean wanted = connection.mayBegin();
      if (chain.call().isCanceled()) { // by the app or by the call's timeout
        throw new IOException("Canceled");
      } else if (gate.enter(call)) {
        return;
      } else if (gate.isWithinOneCutOff(call)) {
        throw connection.refusal(); // the call that needs it has failed already
      }
      long now = gate.nanoTime();
      wantedSince = wanted ? wantedSince : now;
      long left = wanted ? opensWithin(chain) - (now - wantedSince) : sleepsLeft(now - start);
      if (left <= 0) {
        throw refusal(wanted);
      }
      pause(waiter, wanted ? Math.min(left, LOOK_AGAIN_NANOS) : left);
    }
  }

  private static void pause(Waiters.Waiter waiter, long nanos) throws InterruptedIOException {
    try {
      waiter.awaitChange(nanos);
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
    return connection.refusal(waitAtMost);
  }
}
