package io.dormouse.engine;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.loop.Loop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Follows the app's lifecycle, and remembers the latest state that it told. Any thread.
 *
 * <p>The app's lifecycle may hold a lock of its own while it calls us, and wait for us meanwhile.
 * So it is called on threads of the app only, never on the loop, which reads what is remembered
 * here.
 */
final class AppWatch implements LifecycleListener {
  /**
   * Where the app is.
   *
   * @param number how often it had told until then, so that no two are equal
   * @param settling whether it has left the front, and that is still held back
   * @param leavingSinceNanos from when the suspend budget counts, by the loop's clock: when it left
   *     the front, or when a delay was over that left less than half of the budget; null while it
   *     is in front, or if it was never seen leaving
   */
  record Place(int number, AppState state, boolean settling, @Nullable Long leavingSinceNanos) {}

  private final AppLifecycle app;
  private final Loop loop;
  private final long halfBudgetNanos;
  private final Runnable onChange;

  // Single values, since what the app tells is taken down where there is no memory too.
  private volatile AppState state = AppState.UNKNOWN; // the lock for changes is this
  private boolean settling; // guarded by this
  private int number; // guarded by this
  private boolean left; // guarded by this
  private long leavingSinceNanos; // guarded by this

  /**
   * Creates one that does not follow yet.
   *
   * @param budget within which a suspend settles
   * @param onChange is called after each change, on a thread of the app
   */
  AppWatch(AppLifecycle lifecycle, Loop loop, Duration budget, Runnable onChange) {
    // A combination of one: it calls its listener in order whatever its member does.
    this.app = AppLifecycle.allOf(lifecycle);
    this.loop = loop;
    this.halfBudgetNanos = budget.toNanos() / 2;
    this.onChange = onChange;
  }

  /** Begins to follow. What the app's lifecycle throws is thrown here. */
  void start() {
    app.addListener(this);
    AppState now = app.state();
    boolean nowSettling = app.isSettling();
    synchronized (this) {
      if (number == 0) { // otherwise what it has told since is later
        set(now, nowSettling, nowSettling);
      }
    }
    if (now == AppState.TERMINATED) {
      stop(); // there is nothing more to hear
    }
    onChange.run();
  }

  /** Ends following. Calls the app's lifecycle. */
  void stop() {
    app.removeListener(this);
  }

  /** Returns where the app is, as it told last. */
  synchronized Place place() {
    return new Place(number, state, settling, left ? leavingSinceNanos : null);
  }

  /** The same, without when and how it came there. */
  AppState state() {
    return state;
  }

  @Override
  public void onForeground() {
    move(AppState.FOREGROUND, false, false);
  }

  @Override
  public void onSettling() {
    move(AppState.FOREGROUND, true, true);
  }

  @Override
  public void onBackground() {
    move(AppState.BACKGROUND, false, true);
  }

  @Override
  public void onTerminate() {
    move(AppState.TERMINATED, false, true);
    stop();
  }

  private void move(AppState to, boolean isSettling, boolean hasLeft) {
    set(to, isSettling, hasLeft);
    onChange.run();
  }

  private synchronized void set(AppState to, boolean isSettling, boolean hasLeft) {
    if (hasLeft) {
      long now = loop.nanoTime(); // here, since the loop may be busy: the app's time runs
      boolean delayIsOver = settling && !isSettling;
      if (!left || (delayIsOver && now - leavingSinceNanos > halfBudgetNanos)) {
        leavingSinceNanos = now;
      }
    }
    left = hasLeft;
    settling = isSettling;
    number++;
    state = to;
  }
}
