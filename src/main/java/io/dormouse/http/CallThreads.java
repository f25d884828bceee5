package io.dormouse.http;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of enqueued calls, where the app has not brought a client with some. They begin as
 * calls need them. Idle ones stay for a minute, as OkHttp's do, but only while the connection is
 * awake: a closed or sleeping one leaves no thread behind. Any thread.
 */
final class CallThreads {
  private static final long IDLE_SECONDS = 60;

  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE, // the dispatcher bounds them
          0,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            // OkHttp names it after the call while it runs one.
            Thread thread = new Thread(task, "OkHttp Dispatcher");
            thread.setDaemon(true);
            return thread;
          });

  ExecutorService executor() {
    return executor;
  }

  void keepIdle() {
    executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends the idle threads now, and the others when they are done. New calls still find some. */
  void endIdle() {
    executor.setKeepAliveTime(0, TimeUnit.SECONDS);
  }
}
