package io.dormouse.http;

import io.dormouse.loop.Loop;
import io.dormouse.network.LookUps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the names that calls want, together with all connections of the registry that want the
 * same. A call waits for it no longer than it may go on, while OkHttp would have it wait for the
 * resolver. Any thread; nothing waits on the loop.
 *
 * <p>For a moment after the app's return a name that is not found is looked up again: the network
 * comes back a little later than the app, and such an answer says nothing then. Here rather than
 * around the call, whose interceptors would run again.
 */
final class SharedDns implements Dns {
  /** Shorter than for connections that nobody waits for: here a person may. */
  private static final long NETWORK_RETURN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** A call is told of a suspend when the loop is; that may be late, so: a poll. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final @Nullable Dns apps;
  private final Loop loop;
  private final LookUps lookUps;
  private final Gate gate;
  private final Set<Asked> waitedFor = new LinkedHashSet<>(); // loop only

  /**
   * Creates one.
   *
   * @param apps looks names up; null for the system's resolver
   * @param lookUps those in flight
   * @param gate of the calls
   */
  SharedDns(@Nullable Dns apps, Loop loop, LookUps lookUps, Gate gate) {
    this.apps = apps;
    this.loop = loop;
    this.lookUps = lookUps;
    this.gate = gate;
  }

  /** OkHttp asks by {@link #newCall}, so this is for others who have the client. */
  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    return resolver().lookup(hostname);
  }

  @Override
  public Call newCall(Request request) {
    GatedCall call = CurrentCall.running();
    return call != null && call.gate() == gate
        ? new OfCall(request, call)
        : resolver().newCall(request);
  }

  /**
   * Leaves the look-ups of calls that a suspend has ended, so that those are cancelled. Loop only.
   */
  void leaveEnded() {
    for (Asked asked : List.copyOf(waitedFor)) {
      if (gate.hasEnded(asked.call)) {
        asked.leave();
      }
    }
  }

  private Dns resolver() {
    return apps == null ? Dns.SYSTEM : apps;
  }

  /**
   * What a call asks. OkHttp begins it on the call's thread, and then has that wait for the answer;
   * so it is here that it waits.
   */
  private final class OfCall implements Call {
    private final Request request;
    private final GatedCall call;
    private volatile boolean canceled;

    OfCall(Request request, GatedCall call) {
      this.request = request;
      this.call = call;
    }

    @Override
    public Request getRequest() {
      return request;
    }

    @Override
    public void enqueue(Callback callback) {
      List<Record> records;
      try {
        records = records();
      } catch (IOException e) {
        callback.onFailure(this, e);
        return;
      }
      callback.onRecords(this, true, records);
    }

    @Override
    public void cancel() {
      canceled = true;
      gate.waiters().wake(call);
    }

    @Override
    public boolean isCanceled() {
      return canceled || call.isCanceled();
    }

    private List<Record> records() throws IOException {
      try (Waiters.Waiter waiter = gate.waiters().waiter(call)) {
        while (true) {
          try {
            return await(new Asked(request.hostname(), call), waiter);
          } catch (IOException e) {
            if (mustEnd() || !gate.wasOpenedWithin(NETWORK_RETURN_NANOS)) {
              throw e;
            }
            pause(waiter, AGAIN_NANOS);
            if (mustEnd()) {
              throw e;
            }
          }
        }
      }
    }

    /** Returns whether the call is to go on no more; also before the loop has heard of it. */
    private boolean mustEnd() {
      return isCanceled() || gate.hasEnded(call);
    }

    private List<Record> await(Asked asked, Waiters.Waiter waiter) throws IOException {
      onLoop(asked::join);
      try {
        while (true) {
          waiter.look();
          if (asked.isAnswered()) {
            return asked.records();
          } else if (mustEnd()) {
            throw isCanceled()
                ? new IOException("Canceled") // as OkHttp says it
                : new UnknownHostException(request.hostname());
          }
          pause(waiter, LOOK_NANOS);
        }
      } finally {
        onLoop(asked::leave);
      }
    }

    private void onLoop(Runnable task) throws UnknownHostException {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException e) {
        throw new UnknownHostException(request.hostname()); // the registry has ended
      }
    }

    private void pause(Waiters.Waiter waiter, long nanos) throws UnknownHostException {
      try {
        waiter.awaitChange(nanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnknownHostException(request.hostname());
      }
    }
  }

  /** One look-up, as the call's thread and the loop see it. */
  private final class Asked implements LookUps.Listener {
    private final String host;
    private final GatedCall call;

    // Loop only.
    private LookUps.@Nullable Ticket ticket;
    private final List<Record> found = new ArrayList<>();
    private boolean hasRecords;

    // Written on the loop, once.
    private volatile @Nullable List<Record> answer;
    private volatile @Nullable Exception failure;

    Asked(String host, GatedCall call) {
      this.host = host;
      this.call = call;
    }

    void join() {
      if (gate.hasEnded(call)) {
        return; // the suspend was quicker
      }
      waitedFor.add(this);
      try {
        ticket = lookUps.join(apps, host, this, null);
      } catch (Throwable e) { // no thread, for one: it is this call's fault and not the loop's
        failed(new ExecutionException(e));
      }
    }

    void leave() {
      boolean unused = waitedFor.remove(this);
      if (ticket != null) {
        ticket.leave();
      }
    }

    @Override
    public void records(List<Record> all) {
      hasRecords = true;
      found.clear();
      found.addAll(all);
    }

    @Override
    public void found(List<InetAddress> addresses, boolean last) {
      if (!hasRecords) {
        addresses.forEach(address -> found.add(new Record.IpAddress(host, address)));
      }
      if (last) {
        answer = List.copyOf(found);
        gate.waiters().wake(call);
      }
    }

    @Override
    public void failed(Exception why) {
      failure = why;
      gate.waiters().wake(call);
    }

    boolean isAnswered() {
      return answer != null || failure != null;
    }

    /** Returns what was found, or throws what a resolver would that this call alone has asked. */
    List<Record> records() throws IOException {
      List<Record> records = answer;
      if (records != null) {
        return records;
      }
      Exception why = failure;
      if (why instanceof RuntimeException e) {
        throw e;
      } else if (why instanceof ExecutionException && why.getCause() instanceof Error e) {
        throw e;
      }
      // Others get the same one, and OkHttp writes into those that it gets.
      String message = why == null ? host : why.getMessage();
      IOException ours =
          why instanceof UnknownHostException
              ? new UnknownHostException(message)
              : new IOException(message);
      ours.initCause(why);
      throw ours;
    }
  }
}
