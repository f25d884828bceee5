package io.dormouse.http;

import io.dormouse.connection.ConnectionState;
import io.dormouse.engine.Engine;
import io.dormouse.engine.Generation;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.ManagedConnection;
import io.dormouse.engine.Wire;
import io.dormouse.loop.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The handle, which derives the client and keeps it over all generations. Any thread. */
final class HttpHandle extends ManagedConnection implements HttpConnection, ConnectionView {
  /** A suspend does not wait for longer for a call with which nothing happens. */
  private final long forgottenNanos;

  private final Gate gate;
  private final SharedDns names;
  private final SocketTracker sockets;
  private final Pools pools;
  private final CallThreads threads;
  private final OkHttpClient client;

  /** Counts payload; the latest generation, if there was one. */
  private volatile @Nullable Generation counter;

  HttpHandle(Engine engine, LinkOptions options, HttpOptions http) {
    super(engine, options);
    forgottenNanos = engine.environment().settings().closeTimeout().toNanos();
    OkHttpClient given = http.base();
    OkHttpClient base = given == null ? new OkHttpClient() : given;
    pools =
        new Pools(
            options.name(),
            new ConnectionPool(
                http.idleSockets(), http.idleAtMost().toNanos(), TimeUnit.NANOSECONDS));
    gate =
        new Gate(
            this,
            engine.environment().loop()::nanoTime,
            new Waiters(engine.environment().loop()::acquire),
            http.inFlight(),
            forgottenNanos,
            pools::evictIdle);
    names =
        new SharedDns(
            options.reach().dns().orElse(null),
            engine.environment().loop(),
            engine.lookUps(),
            gate);
    sockets =
        new SocketTracker(
            base.socketFactory(), this, gate, engine.environment().callbacks().blocking());
    threads = new CallThreads();
    Dispatcher dispatcher =
        new Dispatcher(given == null ? threads.executor() : base.dispatcher().executorService());
    dispatcher.setMaxRequests(base.dispatcher().getMaxRequests());
    dispatcher.setMaxRequestsPerHost(base.dispatcher().getMaxRequestsPerHost());
    OkHttpClient.Builder derived =
        base.newBuilder()
            .connectionPool(pools.own())
            .dispatcher(dispatcher)
            .socketFactory(sockets)
            .dns(names)
            .eventListenerFactory(call -> listener(call, base.eventListenerFactory().create(call)));
    Entry entry = new Entry(this, gate, http.waitAtMost());
    // First, so that nothing of a refused call has happened, in the app's interceptors either.
    derived.interceptors().add(0, new EntryInterceptor(gate, entry));
    derived.interceptors().add(new SendInterceptor(gate, entry, pools));
    client = derived.build();
  }

  /**
   * Ours before the app's, so that it hears of the call's end even if the app's throws, but for the
   * start: if that throws, there is no call.
   */
  private EventListener listener(Call call, EventListener theirs) {
    GatedCall gated = gate.create(call);
    return new CallEvents(gated).plus(theirs).plus(new CallEvents.Start(gated));
  }

  @Override
  public OkHttpClient client() {
    return client;
  }

  @Override
  protected Wire newWire(Generation generation) {
    counter = generation;
    return new HttpWire(
        generation, gate, names, sockets, pools, threads, client.dispatcher(), forgottenNanos);
  }

  /** A call waits that was turned away in between, or must not wait any more. */
  @Override
  protected void lookAgain() {
    gate.waiters().wakeAll();
  }

  @Override
  public boolean mayBegin() {
    return isWanted();
  }

  @Override
  public boolean isGone() {
    return isClosed();
  }

  @Override
  public IOException refusal(Duration waited) {
    if (isClosed()) {
      return notOpen(ConnectionState.CLOSED);
    }
    String why = whySuspended();
    return new SuspendedException(
        name(), waited.isZero() ? why : "waited " + Durations.text(waited) + " in vain: " + why);
  }

  private String whySuspended() {
    if (isPaused()) {
      return "paused by the app; resume() lets calls through again";
    } else if (!isWanted()) {
      return "suspended, since the app is not in the foreground; call again when it is, or start a"
          + " long-running task that covers this connection";
    }
    return "suspended in the middle of this call; the app is back, so call again";
  }

  @Override
  public IOException cutOff(IOException cause) {
    String how = isClosed() ? "closed" : isPaused() ? "paused" : "suspended";
    return new CutOffException(
        name(),
        "the call was cut off when the connection was "
            + how
            + "; the server may have acted on it, so repeat it only if that does no harm; calls that"
            + " must not be cut off need a long-running task that covers this connection",
        cause);
  }

  @Override
  public void countSent(long bytes) {
    Generation now = counter;
    if (now != null) {
      now.countSent(bytes);
    }
  }

  @Override
  public void countReceived(long bytes) {
    Generation now = counter;
    if (now != null) {
      now.countReceived(bytes);
    }
  }
}
