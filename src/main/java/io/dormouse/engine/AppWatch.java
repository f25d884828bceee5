package io.dormouse.engine;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.loop.Loop;
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
   * @param leftFrontNanos when it left the front, by the loop's clock; null while it is there, or
   *     if it was never seen leaving
   */
  record Place(int number, AppState state, boolean settling, @Nullable Long leftFrontNanos) {}

  private final AppLifecycle app;
  private final Loop loop;
  private final Runnable onChange;
  private volatile Place place =
      new Place(0, AppState.UNKNOWN, false, null); // lock for changes: this

  /**
   * Creates one that does not follow yet.
   *
   * @param onChange is called after each change, on a thread of the app
   */
  AppWatch(AppLifecycle lifecycle, Loop loop, Runnable onChange) {
    // A combination of one: it calls its listener in order whatever its member does.
    this.app = AppLifecycle.allOf(lifecycle);
    this.loop = loop;
    this.onChange = onChange;
  }

  /** Begins to follow. What the app's lifecycle throws is thrown here. */
  void start() {
    app.addListener(this);
    AppState now = app.state();
    boolean settling = app.isSettling();
    synchronized (this) {
      if (place.number() == 0) { // otherwise what it has told since is later
        place = new Place(1, now, settling, settling ? loop.nanoTime() : null);
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
  Place place() {
    return place;
  }

  @Override
  public void onForeground() {
    move(AppState.FOREGROUND, false, null);
  }

  @Override
  public void onSettling() {
    move(AppState.FOREGROUND, true, leftFront());
  }

  @Override
  public void onBackground() {
    move(AppState.BACKGROUND, false, leftFront());
  }

  @Override
  public void onTerminate() {
    move(AppState.TERMINATED, false, leftFront());
    stop();
  }

  private void move(AppState state, boolean settling, @Nullable Long leftFrontNanos) {
    synchronized (this) {
      place = new Place(place.number() + 1, state, settling, leftFrontNanos);
    }
    onChange.run();
  }

  /** In the hook and not on the loop, which may be busy: the app's time runs from here. */
  private long leftFront() {
    Long before = place.leftFrontNanos();
    return before == null ? loop.nanoTime() : before;
  }
}
