package io.dormouse.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * Cancels calls that take too long in simulated time, as OkHttp's own timeout does in real time:
 * from its start, or once it is queued no more, until its response is read. Any thread.
 */
final class CallTimeout implements Interceptor, EventListener.Factory {
  private final long millis;
  private final ScheduledExecutorService timer;
  private final EventListener.Factory theirs;
  private final Map<Call, Watch> watches = new WeakHashMap<>(); // guarded by itself

  /**
   * Creates one.
   *
   * @param millis how long a call may take; 0: for ever
   * @param timer by which clock
   * @param theirs the listeners of the app
   */
  CallTimeout(long millis, ScheduledExecutorService timer, EventListener.Factory theirs) {
    this.millis = millis;
    this.timer = timer;
    this.theirs = theirs;
  }

  @Override
  public EventListener create(Call call) {
    EventListener apps = theirs.create(call);
    if (millis == 0) {
      return apps;
    }
    Watch watch = new Watch();
    synchronized (watches) {
      watches.put(call, watch);
    }
    return watch.plus(apps);
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Watch watch;
    synchronized (watches) {
      watch = watches.get(chain.call());
    }
    if (watch == null) {
      return chain.proceed(chain.request());
    }
    try {
      Response response = chain.proceed(chain.request());
      if (response.socket() != null) {
        watch.stop(); // an upgrade ends the timeout
        return response;
      }
      return response.newBuilder().body(watched(response.body(), watch)).build();
    } catch (IOException e) {
      throw watch.explain(e);
    }
  }

  private static ResponseBody watched(ResponseBody body, Watch watch) {
    Source source =
        new ForwardingSource(body.source()) {
          @Override
          public long read(Buffer sink, long byteCount) throws IOException {
            try {
              return super.read(sink, byteCount);
            } catch (IOException e) {
              throw watch.explain(e);
            }
          }
        };
    return ResponseBody.create(Okio.buffer(source), body.contentType(), body.contentLength());
  }

  /** Watches one call. */
  private final class Watch extends EventListener {
    private volatile @Nullable Future<?> timeout;
    private volatile boolean timedOut;

    private void start(Call call) {
      stop();
      timeout =
          timer.schedule(
              () -> {
                timedOut = true;
                call.cancel();
              },
              millis,
              TimeUnit.MILLISECONDS);
    }

    void stop() {
      Future<?> current = timeout;
      if (current != null) {
        boolean unused = current.cancel(false);
      }
    }

    IOException explain(IOException failure) {
      if (!timedOut) {
        return failure;
      }
      IOException timeout = new InterruptedIOException("timeout"); // as OkHttp says it
      timeout.initCause(failure);
      return timeout;
    }

    @Override
    public void callStart(Call call) {
      start(call);
    }

    @Override
    public void dispatcherQueueEnd(Call call, Dispatcher dispatcher) {
      start(call);
    }

    @Override
    public void callEnd(Call call) {
      stop();
    }

    @Override
    public void callFailed(Call call, IOException failure) {
      stop();
    }
  }
}
