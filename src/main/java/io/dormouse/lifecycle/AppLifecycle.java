package io.dormouse.lifecycle;

import io.dormouse.check.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Whether the app is in front. A lifecycle has a current {@linkplain #state() state}, which is
 * there to be read at any time, and listeners that hear of changes.
 *
 * <p>An app usually has one {@link ManualAppLifecycle} that its own hooks drive. Lifecycles are
 * values that combine: {@link #allOf}, {@link #anyOf} and {@link #settled} each make a new one. A
 * combination listens to its members while somebody listens to it, and asks them when it is asked.
 *
 * <p>Implementations are safe to use from any thread. They may hold a lock of their own while they
 * tell their listeners; nothing here, nor a registry, holds one while it calls them.
 */
public interface AppLifecycle {
  /** {@return where the app is now} */
  AppState state();

  /**
   * {@return true while the app has left the front but {@link #settled} still holds that back:
   * {@link #state()} says {@link AppState#FOREGROUND} and will soon say otherwise}
   */
  default boolean isSettling() {
    return false;
  }

  /**
   * Adds a listener for the changes from now on. The current state is not replayed: read {@link
   * #state()} after adding. Adding one listener twice is the same as adding it once.
   *
   * @param listener called on the thread that brings the change about; must return soon
   */
  void addListener(LifecycleListener listener);

  /**
   * Removes a listener. Removing one that was never added does nothing.
   *
   * @param listener the same object as was added
   */
  void removeListener(LifecycleListener listener);

  /**
   * {@return a lifecycle that goes to the background only after this one has been there for {@code
   * delay}, and to the foreground at once} While nobody listens to it there is no delay. Android's
   * {@code ProcessLifecycleOwner} does the same for 700 ms, so that a rotation of the screen is not
   * taken for leaving the app. Within the delay {@link #isSettling()} is true. The delay is kept by
   * a daemon thread that ends when idle.
   *
   * <p>A registry takes the delay out of its suspend budget (4 s), since a platform that suspends
   * apps counts from when the app left the front. Not so a delay longer than half of the budget: it
   * says that the platform gives the time, and the whole budget begins when the delay is over.
   *
   * @param delay how long; positive
   * @throws IllegalArgumentException if {@code delay} is not positive or above 365 days
   */
  default AppLifecycle settled(Duration delay) {
    return new SettledLifecycle(this, delay, SettledLifecycle.sharedTimer());
  }

  /**
   * Like {@link #settled(Duration)}, with the delay kept by {@code timer}.
   *
   * @param delay how long; positive
   * @param timer runs the end of the delay; it is not shut down by the lifecycle
   * @return a lifecycle that is behind this one by the delay when it goes to the background
   * @throws IllegalArgumentException if {@code delay} is not positive or above 365 days
   */
  default AppLifecycle settled(Duration delay, ScheduledExecutorService timer) {
    return new SettledLifecycle(this, delay, timer);
  }

  /** {@return a lifecycle that is always in the foreground, for services and command line tools} */
  static AppLifecycle alwaysForeground() {
    return AlwaysForeground.INSTANCE;
  }

  /**
   * {@return a lifecycle that is in the foreground while all of {@code members} are} One terminated
   * member terminates it, since the foreground can't come back.
   *
   * @param members at least one; may be combinations themselves
   * @throws IllegalArgumentException if {@code members} is empty
   */
  static AppLifecycle allOf(AppLifecycle... members) {
    return new CombinedLifecycle(Phase::ofAll, ownOf(members));
  }

  /**
   * {@return a lifecycle that is in the foreground while any of {@code members} is} It terminates
   * when all have.
   *
   * @param members at least one; may be combinations themselves
   * @throws IllegalArgumentException if {@code members} is empty
   */
  static AppLifecycle anyOf(AppLifecycle... members) {
    return new CombinedLifecycle(Phase::ofAny, ownOf(members));
  }

  private static List<OwnLifecycle> ownOf(AppLifecycle[] members) {
    Check.given("lifecycle", "members", members);
    if (members.length == 0) {
      throw new IllegalArgumentException("a combination of lifecycles needs at least one member");
    }
    List<OwnLifecycle> own = new ArrayList<>(members.length);
    for (AppLifecycle member : members) {
      own.add(OwnLifecycle.of(Check.given("lifecycle", "member", member)));
    }
    return List.copyOf(own);
  }
}
