package io.dormouse.loop;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The signals of a loop that are raised: a list whose links are the signals themselves. */
final class Signals {
  static {
    link(new AtomicBoolean(), new AtomicReference<>());
  }

  /** So long the loop stands still where there is no memory: nothing else gets on either. */
  static final long NO_MEMORY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicReference<@Nullable OfTask> latest = new AtomicReference<>();
  private final Runnable wakeUp;

  /**
   * Creates an empty list.
   *
   * @param wakeUp is called when a signal was added; any thread
   */
  Signals(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /**
   * The JVM links what an atomic does when the first of all does it, and takes memory for that. So
   * these do it, for those that have to get on where there is none. So does what tells that.
   */
  private static void link(AtomicBoolean flag, AtomicReference<Object> reference) {
    boolean unused = flag.compareAndSet(false, true) && flag.getAndSet(false);
    boolean unusedToo = reference.compareAndSet(null, flag) && reference.getAndSet(null) == flag;
    boolean unusedEither = LackOfMemory.is(new InternalError(new OutOfMemoryError()));
  }

  /** Makes a signal that is not raised. Any thread. */
  Loop.Signal of(Runnable task) {
    return new OfTask(this, task);
  }

  /** Returns whether none is raised. Any thread. */
  boolean isEmpty() {
    return latest.get() == null;
  }

  /**
   * Runs the tasks of those that are raised, in the order they were. Loop only.
   *
   * @param thrown is told what a task has thrown
   */
  void run(Consumer<Throwable> thrown) {
    if (isEmpty()) { // as in most iterations
      return;
    }
    boolean noMemory = false;
    OfTask next = oldestFirst(latest.getAndSet(null));
    while (next != null) {
      OfTask after = next.link;
      next.link = null;
      next.set(false); // from here on it may be raised again
      try {
        next.task.run();
      } catch (Throwable e) {
        if (LackOfMemory.is(e)) {
          noMemory = true;
          next.raise();
        } else {
          thrown.accept(e);
        }
      }
      next = after;
    }
    if (noMemory) {
      LockSupport.parkNanos(this, NO_MEMORY_NANOS);
    }
  }

  private static @Nullable OfTask oldestFirst(@Nullable OfTask latest) {
    OfTask done = null;
    for (OfTask next = latest; next != null; ) {
      OfTask after = next.link;
      next.link = done;
      done = next;
      next = after;
    }
    return done;
  }

  /** A signal; true while it is raised. */
  private static final class OfTask extends AtomicBoolean implements Loop.Signal {
    private static final long serialVersionUID = 1;

    private final transient Signals list;
    private final transient Runnable task;

    /** Belongs to whoever has set the signal to true, and to the loop from then on. */
    private transient @Nullable OfTask link;

    OfTask(Signals list, Runnable task) {
      this.list = list;
      this.task = task;
    }

    @Override
    public void raise() {
      if (compareAndSet(false, true)) {
        do {
          link = list.latest.get();
        } while (!list.latest.compareAndSet(link, this));
        list.wakeUp.run();
      }
    }
  }
}
