package io.dormouse.lifecycle;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A lifecycle that the app drives from its own hooks. It begins as {@link AppState#UNKNOWN}. Each
 * method may be called from any thread, any number of times; what is already so stays so.
 *
 * <p>When a hook returns, every listener has been told, unless another thread was in the middle of
 * telling: then that thread tells them. No lock is held meanwhile.
 */
public final class ManualAppLifecycle extends OwnLifecycle {
  private final Object lock = new Object();
  private final Queue<Phase> untold = new ConcurrentLinkedQueue<>(); // guarded by lock
  private boolean telling; // guarded by lock
  private volatile Phase phase = Phase.UNKNOWN;

  /** Creates a lifecycle whose state is {@link AppState#UNKNOWN}. */
  public ManualAppLifecycle() {}

  /** The app came to the front. Does nothing after {@link #onTerminate()}. */
  public void onForeground() {
    moveTo(Phase.FOREGROUND);
  }

  /** The app went to the background. Does nothing after {@link #onTerminate()}. */
  public void onBackground() {
    moveTo(Phase.BACKGROUND);
  }

  /**
   * The app left the front, and may be back in a moment: {@link #isSettling()} is true until {@link
   * #onBackground()} or {@link #onForeground()} follows. For those that hold a background back
   * themselves; {@link AppLifecycle#settled} does it for all others. Does nothing unless the app is
   * in front.
   */
  public void onSettling() {
    moveTo(Phase.SETTLING);
  }

  /** The app is ending: a registry on this lifecycle closes for good. */
  public void onTerminate() {
    moveTo(Phase.TERMINATED);
  }

  @Override
  Phase phase() {
    return phase;
  }

  /** The thread that finds nobody telling tells what has come up until it is done. */
  private void moveTo(Phase to) {
    synchronized (lock) {
      if (phase == Phase.TERMINATED || phase == to || !isLegal(to)) {
        return;
      }
      untold.add(to); // before all else: without memory for it nothing has changed
      phase = to;
      if (telling) {
        return;
      }
      telling = true;
    }
    for (Phase next = nextUntold(); next != null; next = nextUntold()) {
      tellListeners(next);
    }
  }

  /** Nobody can be about to leave the front who is not there. */
  private boolean isLegal(Phase to) {
    return to != Phase.SETTLING || phase == Phase.FOREGROUND;
  }

  private @Nullable Phase nextUntold() {
    synchronized (lock) {
      Phase next = untold.poll();
      telling = next != null;
      return next;
    }
  }
}
