package io.dormouse.loop;

import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Timers by due time, and by age among those of one time. Cancelling takes a timer out at once, so
 * a queue that is empty has nothing to wait for. Not thread-safe.
 *
 * <p>It is a binary heap whose entries know their place. Most timers are limits that are cancelled
 * long before they are due, and come after all others, so that adding and cancelling one moves
 * hardly any other; the JDK's heap would have to search for what is cancelled, and its tree
 * allocates and rebalances.
 */
public final class TimerQueue {
  private static final int FIRST_CAPACITY = 16;
  private static final int OUT = -1;

  private @Nullable Entry[] heap = new @Nullable Entry[FIRST_CAPACITY];
  private int size;
  private long made;

  /** Creates an empty queue. */
  public TimerQueue() {}

  /** Adds a timer that is due at a time of the loop's clock. */
  public Loop.Timer add(long dueNanos, Runnable task) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    Entry entry = new Entry(dueNanos, made++, task);
    moveUp(size++, entry);
    return entry;
  }

  /** Returns how many timers wait. */
  public int size() {
    return size;
  }

  /**
   * Returns how long until the first timer is due, 0 if it is already.
   *
   * @throws java.util.NoSuchElementException if there is none
   */
  public long nanosToFirst(long nowNanos) {
    if (size == 0) {
      throw new NoSuchElementException("no timer waits");
    }
    return Math.max(0, at(0).dueNanos - nowNanos);
  }

  /** Returns how many timers were ever made. */
  public long made() {
    return made;
  }

  /** Takes out the first timer if it is due, and returns its task; null if none is due. */
  public @Nullable Runnable pollDue(long nowNanos) {
    return pollDue(nowNanos, made);
  }

  /**
   * The same, unless that timer is a new one.
   *
   * @param madeBefore of {@link #made()}, when the timers that are not new had been made
   */
  public @Nullable Runnable pollDue(long nowNanos, long madeBefore) {
    if (size == 0) {
      return null;
    }
    Entry first = at(0);
    if (first.dueNanos - nowNanos > 0 || first.number >= madeBefore) {
      return null;
    }
    first.cancel();
    return first.task;
  }

  private Entry at(int place) {
    Entry entry = heap[place];
    if (entry == null) {
      throw new IllegalStateException("no timer at " + place + " of " + size);
    }
    return entry;
  }

  private void put(int place, Entry entry) {
    heap[place] = entry;
    entry.place = place;
  }

  private void removeAt(int place) {
    Entry last = at(--size);
    heap[size] = null;
    if (place < size) { // the last one fills the gap
      moveDown(place, last);
      if (last.place == place) {
        moveUp(place, last);
      }
    }
  }

  /** Puts an entry at a free place, or where a later one above it is. */
  private void moveUp(int free, Entry entry) {
    int place = free;
    while (place > 0) {
      int parent = (place - 1) / 2;
      if (!entry.isBefore(at(parent))) {
        break;
      }
      put(place, at(parent));
      place = parent;
    }
    put(place, entry);
  }

  /** Puts an entry at a free place, or where an earlier one below it is. */
  private void moveDown(int free, Entry entry) {
    int place = free;
    while (2 * place + 1 < size) {
      int child = 2 * place + 1;
      if (child + 1 < size && at(child + 1).isBefore(at(child))) {
        child++;
      }
      if (entry.isBefore(at(child))) {
        break;
      }
      put(place, at(child));
      place = child;
    }
    put(place, entry);
  }

  private final class Entry implements Loop.Timer {
    private final long dueNanos;
    private final long number;
    private final Runnable task;
    private int place = OUT;

    Entry(long dueNanos, long number, Runnable task) {
      this.dueNanos = dueNanos;
      this.number = number;
      this.task = task;
    }

    boolean isBefore(Entry other) {
      // Times of System.nanoTime() are compared by their difference, since they may wrap around.
      long later = dueNanos - other.dueNanos;
      return later != 0 ? later < 0 : number < other.number;
    }

    @Override
    public void cancel() {
      if (place != OUT) {
        removeAt(place);
        place = OUT;
      }
    }
  }
}
