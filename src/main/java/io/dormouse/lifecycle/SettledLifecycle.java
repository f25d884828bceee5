package io.dormouse.lifecycle;

import io.dormouse.check.Check;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows another lifecycle, to the foreground at once and to the background after a delay. */
final class SettledLifecycle extends LifecycleSource {
  private static final Logger log = LoggerFactory.getLogger(AppLifecycle.class);

  private final AppLifecycle upstream;
  private final Duration delay;
  private final ScheduledExecutorService timer;
  private @Nullable Object wait; // guarded by this: the delay that is running, by identity
  private @Nullable ScheduledFuture<?> pending; // guarded by this: its timer

  SettledLifecycle(AppLifecycle upstream, Duration delay, ScheduledExecutorService timer) {
    super(Phase.of(upstream));
    this.upstream = upstream;
    this.delay = Check.positive("lifecycle", "the settle delay", delay);
    this.timer = Objects.requireNonNull(timer, "timer");
    upstream.addListener(new AnyChange(this::evaluate));
    evaluate();
  }

  /** The upstream changed: follow it at once, or begin to wait. */
  private void evaluate() {
    update(
        phase -> {
          Phase now = Phase.of(upstream);
          boolean leaving = now == Phase.BACKGROUND && phase.state == AppState.FOREGROUND;
          if (leaving && waitOnce()) {
            return Phase.SETTLING;
          }
          cancelWait();
          return now;
        });
  }

  /** The delay {@code mine} is over: whatever the upstream says now is so. */
  private void elapsed(Object mine) {
    update(
        phase -> {
          synchronized (this) {
            if (mine != wait) {
              return phase; // cancelled while it was about to run
            }
            wait = null;
            pending = null;
          }
          return Phase.of(upstream);
        });
  }

  /** Returns false if the timer can't keep the delay, which is then none. */
  private synchronized boolean waitOnce() {
    if (wait == null) {
      Object mine = new Object();
      try {
        wait = mine;
        pending = timer.schedule(() -> elapsed(mine), delay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        wait = null;
        log.warn("the timer of a settled lifecycle refuses, so the background is not delayed", e);
        return false;
      }
    }
    return true;
  }

  private synchronized void cancelWait() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
      wait = null;
    }
  }

  static ScheduledExecutorService sharedTimer() {
    return SharedTimer.INSTANCE;
  }

  /** One daemon thread for all settle delays of the process, there only while one is running. */
  private static final class SharedTimer {
    static final ScheduledThreadPoolExecutor INSTANCE = create();

    private static ScheduledThreadPoolExecutor create() {
      ScheduledThreadPoolExecutor timer =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "dormouse-settle");
                thread.setDaemon(true);
                return thread;
              });
      timer.setKeepAliveTime(100, TimeUnit.MILLISECONDS);
      timer.allowCoreThreadTimeOut(true);
      timer.setRemoveOnCancelPolicy(true);
      return timer;
    }
  }
}
