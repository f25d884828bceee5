package io.dormouse.bench.micro;

import io.dormouse.loop.TimerQueue;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A timer that is made and cancelled while 1,000 others wait, as the heartbeats of 1,000 WebSockets
 * do. The queue belongs to one thread, as it does in the loop; the others are made for many.
 */
@State(Scope.Thread)
public class TimerBenchmark {
  private static final int OTHERS = 1_000;
  private static final long WITHIN_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final long[] delays =
      new Random(1).longs(OTHERS, WITHIN_NANOS / 2, WITHIN_NANOS).toArray();

  private final TimerQueue queue = new TimerQueue();
  private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

  /**
   * Of 1 ms, since it forgets cancelled timers tick by tick: with its 100 ms they would pile up.
   */
  private final HashedWheelTimer wheel = new HashedWheelTimer(1, TimeUnit.MILLISECONDS);

  private int next;

  /** Lets the others wait. */
  @Setup
  public void begin() {
    executor.setRemoveOnCancelPolicy(true);
    for (long delay : delays) {
      queue.add(System.nanoTime() + delay, TimerBenchmark::nothing);
      ScheduledFuture<?> unused =
          executor.schedule(TimerBenchmark::nothing, delay, TimeUnit.NANOSECONDS);
      Timeout unusedTimeout = wheel.newTimeout(timeout -> {}, delay, TimeUnit.NANOSECONDS);
    }
  }

  private static void nothing() {}

  private long delay() {
    next = (next + 1) % OTHERS;
    return delays[next];
  }

  /** Ours. */
  @Benchmark
  public void dormouse() {
    queue.add(System.nanoTime() + delay(), TimerBenchmark::nothing).cancel();
  }

  /** The JDK's. */
  @Benchmark
  public boolean executor() {
    return executor.schedule(TimerBenchmark::nothing, delay(), TimeUnit.NANOSECONDS).cancel(false);
  }

  /** Netty's. */
  @Benchmark
  public boolean wheel() {
    return wheel.newTimeout(timeout -> {}, delay(), TimeUnit.NANOSECONDS).cancel();
  }

  /** Ends the threads. */
  @TearDown
  public void end() {
    executor.shutdownNow();
    wheel.stop();
  }
}
