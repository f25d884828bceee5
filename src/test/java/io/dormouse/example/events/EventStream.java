package io.dormouse.example.events;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.CutOffException;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.SuspendedException;
import io.dormouse.reconnect.Backoff;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/**
 * Server-sent events without end. In the background there is no call. In the foreground there is
 * one, which tells the server which event came last, so that none is missed.
 */
public final class EventStream implements AutoCloseable {
  /** The server sends a comment each 15 s, if nothing else: it is dead after three of them. */
  private static final Duration SILENCE = Duration.ofSeconds(45);

  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

  private final HttpConnection http;
  private final EventSource.Factory sources;
  private final HttpUrl url;
  private final Consumer<String> onData;
  private volatile String lastId = "";
  private volatile Duration waited = Duration.ZERO; // since the last event

  /** Begins it; {@code onData} is called for each event, on a thread of the client. */
  public EventStream(ConnectionRegistry registry, HttpUrl url, Consumer<String> onData) {
    this.url = url;
    this.onData = onData;
    http = registry.http("events").register();
    OkHttpClient client = http.client().newBuilder().readTimeout(SILENCE).build();
    sources = EventSources.createFactory(client);
    connect();
  }

  // begin: events
  private void connect() {
    http.whenOpen() // at once, or when the app is in the foreground again
        .thenRun(() -> sources.newEventSource(request(), new Listener()));
  }

  private Request request() {
    Request.Builder request = new Request.Builder().url(url);
    if (!lastId.isEmpty()) {
      request.header("Last-Event-ID", lastId);
    }
    return request.build();
  }

  // end: events

  /** A call has one end, closed or failed, and the next one begins after that. */
  private void ended(Throwable failure, Response response) {
    if (failure instanceof CutOffException || failure instanceof SuspendedException) {
      connect(); // as soon as the app is back
    } else if (response == null || response.code() != 204) { // 204 asks never to come again
      CompletableFuture.runAsync(this::connect, pause());
    }
  }

  /** Longer from failure to failure, and never the same for all clients of a server. */
  private Executor pause() {
    Duration pause = BACKOFF.delay(waited, ThreadLocalRandom.current().nextDouble());
    waited = waited.plus(pause);
    return CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns the last event that was heard; empty if none was. To be kept, if the app ends. */
  public String lastEventId() {
    return lastId;
  }

  /** Ends it for good. */
  @Override
  public void close() {
    http.close();
  }

  private final class Listener extends EventSourceListener {
    @Override
    public void onEvent(EventSource source, String id, String type, String data) {
      waited = Duration.ZERO;
      onData.accept(data);
      if (id != null) {
        lastId = id;
      }
    }

    @Override
    public void onClosed(EventSource source) {
      ended(null, null);
    }

    @Override
    public void onFailure(EventSource source, Throwable failure, Response response) {
      ended(failure, response);
    }
  }
}
