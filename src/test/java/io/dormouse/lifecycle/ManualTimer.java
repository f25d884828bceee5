package io.dormouse.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose time passes when the test says so. */
final class ManualTimer extends ScheduledThreadPoolExecutor {
  private final List<Entry> entries = new ArrayList<>();
  private long now;
  private boolean refuses;
  private boolean outOfMemory;

  ManualTimer() {
    super(0);
  }

  void refuse() {
    refuses = true;
  }

  void runOutOfMemory() {
    outOfMemory = true;
  }

  /** Lets time pass. */
  void advance(long time, TimeUnit unit) {
    now += unit.toNanos(time);
    for (Entry entry : List.copyOf(entries)) {
      if (entry.due <= now) {
        entries.remove(entry);
        entry.run();
      }
    }
  }

  /** Runs what is due and was cancelled too late to be held back. */
  List<Runnable> takeAll() {
    List<Runnable> tasks = new ArrayList<>();
    entries.forEach(entry -> tasks.add(entry.command));
    return tasks;
  }

  long waiting() {
    return entries.stream().filter(entry -> !entry.isCancelled()).count();
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    if (outOfMemory) {
      throw new OutOfMemoryError("on purpose");
    }
    if (refuses) {
      throw new RejectedExecutionException("shut down");
    }
    Entry entry = new Entry(command, now + unit.toNanos(delay));
    entries.add(entry);
    return entry;
  }

  private static final class Entry extends FutureTask<Void>
      implements RunnableScheduledFuture<Void> {
    final Runnable command;
    final long due;

    Entry(Runnable command, long due) {
      super(command, null);
      this.command = command;
      this.due = due;
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Delayed other) {
      throw new UnsupportedOperationException();
    }
  }
}
