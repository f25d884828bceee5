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
    @Nullable GatedCall call = CurrentCall.running();
    while (true) {
      try {
        return delegate.lookup(hostname);
      } catch (UnknownHostException e) {
        if (call == null || !gate.wasOpenedWithin(NETWORK_RETURN_NANOS) || !pause(call)) {
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

  /** Returns whether it is worth while to ask again. */
  private boolean pause(GatedCall call) {
    try (Waiters.Waiter waiter = gate.waiters().waiter(call)) {
      if (!call.isCanceled()) {
        waiter.awaitChange(AGAIN_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return connection.mayBegin() && !call.isCanceled();
  }
}
