package io.dormouse.lifecycle.desktop;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.awt.desktop.AppForegroundEvent;
import java.awt.desktop.AppForegroundListener;
import java.awt.desktop.AppHiddenEvent;
import java.awt.desktop.AppHiddenListener;
import java.awt.desktop.ScreenSleepEvent;
import java.awt.desktop.ScreenSleepListener;
import java.awt.desktop.SystemEventListener;
import java.awt.desktop.SystemSleepEvent;
import java.awt.desktop.SystemSleepListener;
import java.awt.desktop.UserSessionEvent;
import java.awt.desktop.UserSessionListener;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycles of {@link java.awt.Desktop}'s events. Most apps want {@link #systemAwake()} alone: a
 * desktop suspends no app that is behind another, but its sleep kills every idle connection.
 *
 * <pre>{@code
 * ConnectionRegistry.builder(DesktopLifecycle.systemAwake())
 * ConnectionRegistry.builder( // on a laptop, to spare the battery
 *     AppLifecycle.allOf(
 *         DesktopLifecycle.systemAwake(), DesktopLifecycle.visible().settled(Duration.ofMinutes(5))))
 * }</pre>
 *
 * <p>Each begins in the foreground, and stays there where the platform does not tell: {@link
 * Desktop#isSupported} with the action that each method names. macOS tells all of these, Windows
 * sleep and session, Linux nothing; without a screen nobody tells anything. Pings and idle timeouts
 * find dead connections there.
 *
 * <p>The events come on AWT's event thread. A system that is about to sleep does not wait for that
 * thread, so nobody else waits either: the registry closes what it can in the moment that is left,
 * and the rest when the system is awake again, before it connects anew.
 *
 * <p>Each call follows the desktop as long as the JVM runs, so an app calls each method once.
 */
public final class DesktopLifecycle {
  private DesktopLifecycle() {}

  /**
   * Returns a lifecycle that is in the background while the system sleeps: {@link
   * Desktop.Action#APP_EVENT_SYSTEM_SLEEP}.
   *
   * @return a lifecycle in the foreground
   */
  public static AppLifecycle systemAwake() {
    return followDesktop(Desktop.Action.APP_EVENT_SYSTEM_SLEEP, SystemSleep::new);
  }

  /**
   * Returns a lifecycle that is in the background while the screens sleep: {@link
   * Desktop.Action#APP_EVENT_SCREEN_SLEEP}.
   *
   * @return a lifecycle in the foreground
   */
  public static AppLifecycle screenOn() {
    return followDesktop(Desktop.Action.APP_EVENT_SCREEN_SLEEP, ScreenSleep::new);
  }

  /**
   * Returns a lifecycle that is in the background while another user has the screen, or it is
   * locked: {@link Desktop.Action#APP_EVENT_USER_SESSION}.
   *
   * @return a lifecycle in the foreground
   */
  public static AppLifecycle userSessionActive() {
    return followDesktop(Desktop.Action.APP_EVENT_USER_SESSION, UserSession::new);
  }

  /**
   * Returns a lifecycle that is in the background while another app has the focus: {@link
   * Desktop.Action#APP_EVENT_FOREGROUND}. Best {@linkplain AppLifecycle#settled settled}, since
   * users of desktops go to and fro.
   *
   * @return a lifecycle in the foreground
   */
  public static AppLifecycle inFront() {
    return followDesktop(Desktop.Action.APP_EVENT_FOREGROUND, Focus::new);
  }

  /**
   * Returns a lifecycle that is in the background while the app is hidden, by macOS's "Hide":
   * {@link Desktop.Action#APP_EVENT_HIDDEN}.
   *
   * @return a lifecycle in the foreground
   */
  public static AppLifecycle visible() {
    return followDesktop(Desktop.Action.APP_EVENT_HIDDEN, Hiding::new);
  }

  private static AppLifecycle followDesktop(
      Desktop.Action action, Function<ManualAppLifecycle, SystemEventListener> listener) {
    // In this order: without a screen the other question may not find the libraries of one.
    if (GraphicsEnvironment.isHeadless() || !Desktop.isDesktopSupported()) {
      return AppLifecycle.alwaysForeground();
    }
    Desktop desktop = Desktop.getDesktop();
    return follow(desktop::isSupported, desktop::addAppEventListener, action, listener);
  }

  /** What {@link Desktop} is asked for. */
  interface Events {
    void add(SystemEventListener listener);
  }

  /** The same for any desktop. */
  static AppLifecycle follow(
      Predicate<Desktop.Action> supported,
      Events events,
      Desktop.Action action,
      Function<ManualAppLifecycle, SystemEventListener> listener) {
    if (!supported.test(action)) {
      return AppLifecycle.alwaysForeground();
    }
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    lifecycle.onForeground();
    events.add(listener.apply(lifecycle));
    return lifecycle;
  }

  record SystemSleep(ManualAppLifecycle lifecycle) implements SystemSleepListener {
    @Override
    public void systemAboutToSleep(SystemSleepEvent event) {
      lifecycle.onBackground();
    }

    @Override
    public void systemAwoke(SystemSleepEvent event) {
      lifecycle.onForeground();
    }
  }

  record ScreenSleep(ManualAppLifecycle lifecycle) implements ScreenSleepListener {
    @Override
    public void screenAboutToSleep(ScreenSleepEvent event) {
      lifecycle.onBackground();
    }

    @Override
    public void screenAwoke(ScreenSleepEvent event) {
      lifecycle.onForeground();
    }
  }

  /**
   * Windows locks a session, and gives its screen to another user, independently of each other: who
   * has it back, at the console or from afar, finds it locked still.
   */
  static final class UserSession implements UserSessionListener {
    private final ManualAppLifecycle lifecycle;
    private boolean locked;
    private boolean taken;

    UserSession(ManualAppLifecycle lifecycle) {
      this.lifecycle = lifecycle;
    }

    @Override
    public void userSessionDeactivated(UserSessionEvent event) {
      change(event.getReason(), true);
    }

    @Override
    public void userSessionActivated(UserSessionEvent event) {
      change(event.getReason(), false);
    }

    void change(UserSessionEvent.@Nullable Reason reason, boolean gone) {
      if (reason == UserSessionEvent.Reason.LOCK) {
        locked = gone;
      } else {
        taken = gone;
      }
      if (locked || taken) {
        lifecycle.onBackground();
      } else {
        lifecycle.onForeground();
      }
    }
  }

  record Focus(ManualAppLifecycle lifecycle) implements AppForegroundListener {
    @Override
    public void appMovedToBackground(AppForegroundEvent event) {
      lifecycle.onBackground();
    }

    @Override
    public void appRaisedToForeground(AppForegroundEvent event) {
      lifecycle.onForeground();
    }
  }

  record Hiding(ManualAppLifecycle lifecycle) implements AppHiddenListener {
    @Override
    public void appHidden(AppHiddenEvent event) {
      lifecycle.onBackground();
    }

    @Override
    public void appUnhidden(AppHiddenEvent event) {
      lifecycle.onForeground();
    }
  }
}
