package io.dormouse.loop;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Timers by due time, and by age among those of one time. Cancelling takes a timer out at once, so
 * a queue that is empty has nothing to wait for. Not thread-safe.
 */
public final class TimerQueue {
  private final TreeSet<Entry> entries = new TreeSet<>(Entry.ORDER);
  private long made;

  /** Creates an empty queue. */
  public TimerQueue() {}

  /** Adds a timer that is due at a time of the loop's clock. */
  public Loop.Timer add(long dueNanos, Runnable task) {
    Entry entry = new Entry(this, dueNanos, made++, task);
    entries.add(entry);
    return entry;
  }

  /** Returns how many timers wait. */
  public int size() {
    return entries.size();
  }

  /**
   * Returns how long until the first timer is due, 0 if it is already.
   *
   * @throws java.util.NoSuchElementException if there is none
   */
  public long nanosToFirst(long nowNanos) {
    return Math.max(0, entries.first().dueNanos - nowNanos);
  }

  /** Takes out the first timer if it is due, and returns its task; null if none is due. */
  public @Nullable Runnable pollDue(long nowNanos) {
    if (entries.isEmpty() || entries.first().dueNanos - nowNanos > 0) {
      return null;
    }
    Entry first = entries.pollFirst();
    return first == null ? null : first.task;
  }

  private record Entry(TimerQueue queue, long dueNanos, long number, Runnable task)
      implements Loop.Timer {
    // Times of System.nanoTime() are compared by their difference, since they may wrap around.
    static final Comparator<Entry> ORDER =
        (a, b) -> {
          int byTime = Long.compare(a.dueNanos - b.dueNanos, 0);
          return byTime != 0 ? byTime : Long.compare(a.number, b.number);
        };

    @Override
    public void cancel() {
      queue.entries.remove(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }
}
