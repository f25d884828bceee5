package io.dormouse.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * The app's resolver, asked again for a moment after the app's return: the network comes back a
 * little later than the app, and a name that does not resolve then says nothing. Here rather than
 * around the call, whose interceptors would run again.
 */
final class LateNetworkDns implements Dns {
  /** Shorter than for connections that nobody waits for: here a person may. */
  private static final long NETWORK_RETURN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Dns delegate;
  private final ConnectionView connection;
  private final Gate gate;

  LateNetworkDns(Dns delegate, ConnectionView connection, Gate gate) {
    this.delegate = delegate;
    this.connection = connection;
    this.gate = gate;
  }

  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    @Nullable CallWatch watch = CallWatch.runningHere();
    while (true) {
      try {
        return delegate.lookup(hostname);
      } catch (UnknownHostException e) {
        if (!gate.wasOpenedWithin(NETWORK_RETURN_NANOS) || !pause() || !maySucceed(watch)) {
          throw e;
        }
      }
    }
  }

  /** A resolver that answers without blocking is asked once, in its own way. */
  @Override
  public Call newCall(Request request) {
    return delegate.newCall(request);
  }

  private boolean maySucceed(@Nullable CallWatch watch) {
    return connection.mayBegin() && (watch == null || !watch.isCanceled());
  }

  /** Returns false if the thread was interrupted. */
  private boolean pause() {
    try {
      gate.awaitChange(gate.changes(), AGAIN_NANOS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
