package io.dormouse.http;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.engine.Engine;
import io.dormouse.engine.Generation;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.ManagedConnection;
import io.dormouse.engine.Wire;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;

/** The handle, which derives the client and keeps it over all generations. Any thread. */
final class HttpHandle extends ManagedConnection<Void> implements HttpConnection, Standing {
  private final HttpOptions http;
  private final Gate gate;
  private final SocketTracker sockets;
  private final CallThreads threads;
  private final OkHttpClient client;

  HttpHandle(Engine engine, LinkOptions options, HttpOptions http) {
    super(engine, options);
    this.http = http;
    OkHttpClient base = http.baseOrNull() == null ? new OkHttpClient() : http.baseOrNull();
    gate = new Gate(this);
    sockets = new SocketTracker(base.socketFactory(), this);
    threads = new CallThreads();
    Dispatcher dispatcher =
        new Dispatcher(
            http.baseOrNull() == null ? threads.executor() : base.dispatcher().executorService());
    dispatcher.setMaxRequests(base.dispatcher().getMaxRequests());
    dispatcher.setMaxRequestsPerHost(base.dispatcher().getMaxRequestsPerHost());
    OkHttpClient.Builder derived =
        base.newBuilder()
            .connectionPool(
                new ConnectionPool(
                    http.idleSockets(), http.idleAtMost().toNanos(), TimeUnit.NANOSECONDS))
            .dispatcher(dispatcher)
            .socketFactory(sockets)
            .eventListenerFactory(
                call ->
                    watch(
                        new CallWatch(options.name(), gate),
                        base.eventListenerFactory().create(call)));
    // First, so that nothing of a refused call has happened, in the app's interceptors either.
    derived.interceptors().add(0, new GateInterceptor(this, gate, http.waitAtMost()));
    client = derived.build();
  }

  /**
   * Ours first, so that it hears of the call's end even if the app's own throws. Alone where the
   * app has none, since each call has some twenty events to pass on.
   */
  private static EventListener watch(CallWatch ours, EventListener theirs) {
    return theirs == EventListener.NONE ? ours : ours.plus(theirs);
  }

  @Override
  public OkHttpClient client() {
    return client;
  }

  @Override
  protected Wire<Void> newWire(Generation generation) {
    return new HttpWire(
        generation, gate, sockets, client.connectionPool(), threads, http.cancelInFlight());
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
  public IOException refusal() {
    if (isClosed()) {
      return new NotOpenException(name(), ConnectionState.CLOSED);
    } else if (isPaused()) {
      return suspended("paused by the app; resume() lets calls through again");
    } else if (!isWanted()) {
      return suspended(
          "suspended, since the app is not in the foreground; call again when it is, or start a"
              + " long-running task that covers this connection");
    }
    return suspended("suspended in the middle of this call; the app is back, so call again");
  }

  private SuspendedException suspended(String problem) {
    return new SuspendedException(name(), problem, null);
  }
}
