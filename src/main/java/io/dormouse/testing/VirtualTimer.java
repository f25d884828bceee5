package io.dormouse.testing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A timer of the app's that runs by the simulated clock. Any thread. */
final class VirtualTimer extends AbstractExecutorService implements ScheduledExecutorService {
  private final Later later;
  private final Executor runs;
  private final LongSupplier clock;
  private final Set<Planned<?>> planned = new LinkedHashSet<>(); // guarded by itself
  private volatile boolean shutdown;

  /**
   * Creates one.
   *
   * @param later has the delays
   * @param runs runs what is due
   * @param clock tells the time, in nanoseconds
   */
  VirtualTimer(Later later, Executor runs, LongSupplier clock) {
    this.later = later;
    this.runs = runs;
    this.clock = clock;
  }

  @Override
  public void execute(Runnable command) {
    checkOpen();
    runs.execute(command);
  }

  private void checkOpen() {
    if (shutdown) {
      throw new RejectedExecutionException("the timer is shut down");
    }
  }

  private <T> ScheduledFuture<T> begin(Planned<T> task) {
    checkOpen();
    synchronized (planned) {
      planned.add(task);
    }
    task.plan();
    return task;
  }

  /** Returns how long there is between two runs. */
  private static long period(long length, TimeUnit unit) {
    if (length <= 0) {
      throw new IllegalArgumentException("not positive: " + length);
    }
    return unit.toNanos(length);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return begin(new Planned<>(Executors.callable(command), unit.toNanos(delay), 0));
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return begin(new Planned<>(callable, unit.toNanos(delay), 0));
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long delay, long period, TimeUnit unit) {
    return begin(
        new Planned<>(Executors.callable(command), unit.toNanos(delay), period(period, unit)));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long delay, long pause, TimeUnit unit) {
    return begin(
        new Planned<>(Executors.callable(command), unit.toNanos(delay), -period(pause, unit)));
  }

  @Override
  public void shutdown() {
    shutdown = true;
    for (Planned<?> task : copyOfPlanned()) {
      if (task.isPeriodic()) {
        boolean unused = task.cancel(false);
      }
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    List<Planned<?>> tasks = copyOfPlanned();
    tasks.forEach(task -> task.cancel(false));
    return List.copyOf(tasks);
  }

  private List<Planned<?>> copyOfPlanned() {
    synchronized (planned) {
      return List.copyOf(planned);
    }
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown && copyOfPlanned().isEmpty();
  }

  /** Does not wait. */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return isTerminated();
  }

  /** One task, once or again and again. */
  private final class Planned<T> extends FutureTask<T> implements ScheduledFuture<T> {
    private final long period; // below 0: from the end of one to the beginning of the next; 0: once
    private long due;

    Planned(Callable<T> task, long delay, long period) {
      super(task);
      this.period = period;
      due = clock.getAsLong() + Math.max(0, delay);
    }

    void plan() {
      later.execute( // where a freeze may come before it
          () -> later.after(Math.max(0, due - clock.getAsLong()), () -> runs.execute(this)));
    }

    boolean isPeriodic() {
      return period != 0;
    }

    @Override
    protected void done() {
      synchronized (planned) {
        planned.remove(this);
      }
    }

    @Override
    public void run() {
      if (period == 0) {
        super.run();
      } else if (!shutdown && runAndReset()) {
        due = period > 0 ? due + period : clock.getAsLong() - period;
        plan();
      }
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - clock.getAsLong(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }
}
