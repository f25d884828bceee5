package android.os;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Stands in for Android's: one queue of messages for the main thread, which is the test's, and
 * which moves when the test says so.
 */
public class Handler {
  private static final List<Message> QUEUE = new ArrayList<>();
  private static boolean ending;

  private record Message(Handler handler, Runnable task, long dueMillis) {}

  public Handler(Looper looper) {
    if (looper != Looper.getMainLooper()) {
      throw new IllegalArgumentException("another looper than the main one");
    }
  }

  public final boolean post(Runnable task) {
    return postDelayed(task, 0);
  }

  public final boolean postDelayed(Runnable task, long delayMillis) {
    synchronized (QUEUE) {
      return !ending
          && QUEUE.add(new Message(this, task, SystemClock.uptimeMillis() + delayMillis));
    }
  }

  public final void removeCallbacks(Runnable task) {
    synchronized (QUEUE) {
      QUEUE.removeIf(message -> message.handler == this && message.task.equals(task));
    }
  }

  /** Lets time go by on the main thread, and runs what is due meanwhile. */
  public static void advance(long millis) {
    long end = SystemClock.uptimeMillis() + millis;
    for (Message due = next(end); due != null; due = next(end)) {
      SystemClock.advance(Math.max(0, due.dueMillis - SystemClock.uptimeMillis()));
      due.task.run();
    }
    SystemClock.advance(end - SystemClock.uptimeMillis());
  }

  private static Message next(long endMillis) {
    synchronized (QUEUE) {
      Message first = QUEUE.stream().min(Comparator.comparingLong(Message::dueMillis)).orElse(null);
      if (first == null || first.dueMillis > endMillis) {
        return null;
      }
      QUEUE.remove(first);
      return first;
    }
  }

  /** Returns how many messages wait. */
  public static int waiting() {
    synchronized (QUEUE) {
      return QUEUE.size();
    }
  }

  /** Whether the looper takes no more messages, as when its thread ends; forgets those it has. */
  public static void setEnding(boolean isEnding) {
    synchronized (QUEUE) {
      ending = isEnding;
      QUEUE.clear();
    }
  }
}
