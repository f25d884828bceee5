package io.dormouse.lifecycle;

import io.dormouse.check.Check;
import io.dormouse.log.LogLine;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the lifecycles of this room share. An app's own lifecycle may be anything: it may hold a
 * lock while it tells its listeners, wait, or throw. One of these never does; {@link
 * ForeignLifecycle} makes one of the other.
 */
abstract class OwnLifecycle implements AppLifecycle {
  private static final Logger log = LoggerFactory.getLogger(AppLifecycle.class);

  /** A lifecycle of the app's. */
  static final LogLine LIFECYCLE_THREW = LogLine.appError(log, "a lifecycle threw");

  private static final LogLine LISTENER_THREW = LogLine.appError(log, "a lifecycle listener threw");

  /**
   * Never changed: a change makes another one. An array, since to go through it needs no memory.
   */
  private volatile LifecycleListener[] listeners = {}; // the lock for changes is listenersLock

  private final Object listenersLock = new Object();

  /** Returns the lifecycle itself if it is one of these, or else one that follows it. */
  static OwnLifecycle of(AppLifecycle lifecycle) {
    return lifecycle instanceof OwnLifecycle own ? own : new ForeignLifecycle(lifecycle);
  }

  /** Returns where it is now. Waits for nobody. */
  abstract Phase phase();

  @Override
  public final AppState state() {
    return phase().state;
  }

  @Override
  public final boolean isSettling() {
    return phase() == Phase.SETTLING;
  }

  @Override
  public void addListener(LifecycleListener listener) {
    Check.given("lifecycle", "listener", listener);
    synchronized (listenersLock) {
      List<LifecycleListener> more = new ArrayList<>(List.of(listeners));
      if (!more.contains(listener)) {
        more.add(listener);
        listeners = more.toArray(new LifecycleListener[0]);
      }
    }
  }

  @Override
  public void removeListener(LifecycleListener listener) {
    Check.given("lifecycle", "listener", listener);
    synchronized (listenersLock) {
      List<LifecycleListener> fewer = new ArrayList<>(List.of(listeners));
      if (fewer.remove(listener)) {
        listeners = fewer.toArray(new LifecycleListener[0]);
      }
    }
  }

  final boolean hasListeners() {
    return listeners.length > 0;
  }

  /**
   * Tells every listener; one that throws holds up nobody. Needs no memory: where there is none, a
   * state that was not told would never be told.
   */
  final void tellListeners(Phase phase) {
    for (LifecycleListener listener : listeners) {
      try {
        tell(listener, phase);
      } catch (Throwable e) { // or nobody would ever be told again
        LISTENER_THREW.write(e);
      }
    }
  }

  private static void tell(LifecycleListener listener, Phase phase) {
    switch (phase) {
      case FOREGROUND -> listener.onForeground();
      case SETTLING -> listener.onSettling();
      case BACKGROUND -> listener.onBackground();
      case TERMINATED -> listener.onTerminate();
      case UNKNOWN -> {} // only where a lifecycle begins, so nobody can hear it
    }
  }
}
