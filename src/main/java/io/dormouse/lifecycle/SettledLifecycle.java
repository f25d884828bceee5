package io.dormouse.lifecycle;

import io.dormouse.check.Check;
import io.dormouse.log.LogLine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Follows another lifecycle, to the foreground at once and to the background after a delay. */
final class SettledLifecycle extends DerivedLifecycle {
  private static final LogLine NOT_DELAYED =
      LogLine.appError(
          LoggerFactory.getLogger(AppLifecycle.class),
          "the timer of a settled lifecycle refuses, so the background is not delayed");

  private final OwnLifecycle upstream;
  private final Duration delay;
  private final ScheduledExecutorService timer;
  private final LifecycleListener hooks = new AnyChange(this::evaluate);

  /** Whether a background is in effect at once. Written by the thread that evaluates. */
  private volatile boolean away = true;

  /** The delay that is running; null for none. Written by the thread that evaluates. */
  private volatile @Nullable Delay running;

  /** One delay. */
  private static final class Delay {
    volatile boolean over;
    @Nullable ScheduledFuture<?> timer;
  }

  SettledLifecycle(AppLifecycle upstream, Duration delay, ScheduledExecutorService timer) {
    this(OwnLifecycle.of(upstream), delay, timer);
  }

  private SettledLifecycle(OwnLifecycle upstream, Duration delay, ScheduledExecutorService timer) {
    super(List.of(upstream));
    this.upstream = upstream;
    this.delay = Check.positive("lifecycle", "the settle delay", delay);
    this.timer = Check.given("lifecycle", "timer", timer);
  }

  @Override
  LifecycleListener hooks() {
    return hooks;
  }

  @Override
  Phase phaseOfMembers() {
    Phase now = upstream.phase();
    return now == Phase.BACKGROUND && !isAway() ? Phase.SETTLING : now;
  }

  private boolean isAway() {
    Delay current = running;
    return current == null ? away : current.over;
  }

  /** The upstream may have changed, or the delay be over: begins or ends the delay. */
  @Override
  void beforeEvaluation() {
    Phase now = upstream.phase();
    if (now != Phase.BACKGROUND) {
      away = now.state != AppState.FOREGROUND;
      cancelDelay();
    } else if (running == null && !away) {
      beginDelay();
    }
  }

  @Override
  void unfollowed() {
    away = true;
    cancelDelay();
  }

  /** Without a delay, if the timer can't keep it, or there is no memory for one. */
  private void beginDelay() {
    try {
      Delay mine = new Delay();
      running = mine;
      mine.timer = timer.schedule(() -> elapsed(mine), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      running = null;
      away = true;
      NOT_DELAYED.write(e);
    }
  }

  private void elapsed(Delay mine) {
    mine.over = true;
    evaluate();
  }

  private void cancelDelay() {
    Delay current = running;
    running = null;
    if (current != null && current.timer != null) {
      current.timer.cancel(false);
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
