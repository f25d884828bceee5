package io.dormouse.lifecycle;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lifecycle with a phase of its own. Changes from several threads are put in one order, and the
 * listeners hear them in that order, without a lock held: the thread that finds nobody telling
 * tells what has come up until then, the others leave their change in the queue.
 */
abstract class LifecycleSource implements AppLifecycle {
  private static final Logger log = LoggerFactory.getLogger(AppLifecycle.class);

  private final CopyOnWriteArrayList<LifecycleListener> listeners = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private final Queue<Phase> untold = new ArrayDeque<>(); // guarded by lock
  private boolean telling; // guarded by lock
  private volatile Phase phase;

  LifecycleSource(Phase initial) {
    phase = initial;
  }

  @Override
  public final AppState state() {
    return phase.state;
  }

  @Override
  public final boolean isSettling() {
    return phase == Phase.SETTLING;
  }

  @Override
  public final void addListener(LifecycleListener listener) {
    listeners.addIfAbsent(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public final void removeListener(LifecycleListener listener) {
    listeners.remove(Objects.requireNonNull(listener, "listener"));
  }

  /** Moves to the phase that {@code next} makes of the current one, and tells the listeners. */
  final void update(UnaryOperator<Phase> next) {
    synchronized (lock) {
      if (phase == Phase.TERMINATED) {
        return;
      }
      Phase to = next.apply(phase);
      if (to == Phase.UNKNOWN && phase != Phase.UNKNOWN) {
        to = Phase.BACKGROUND; // what counts as such; and what is known does not become unknown
      }
      if (to == phase) {
        return;
      }
      phase = to;
      untold.add(to);
      if (telling) {
        return;
      }
      telling = true;
    }
    for (Phase told = nextUntold(); told != null; told = nextUntold()) {
      for (LifecycleListener listener : listeners) {
        tell(listener, told);
      }
    }
  }

  private @Nullable Phase nextUntold() {
    synchronized (lock) {
      Phase next = untold.poll();
      telling = next != null;
      return next;
    }
  }

  private static void tell(LifecycleListener listener, Phase phase) {
    try {
      switch (phase) {
        case FOREGROUND -> listener.onForeground();
        case SETTLING -> listener.onSettling();
        case BACKGROUND -> listener.onBackground();
        case TERMINATED -> listener.onTerminate();
        case UNKNOWN -> {} // only where a lifecycle begins, so nobody can hear it
      }
    } catch (Throwable e) { // or nobody would ever be told again
      log.error("a lifecycle listener threw on {}", phase, e);
    }
  }
}
