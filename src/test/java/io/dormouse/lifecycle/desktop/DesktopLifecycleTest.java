package io.dormouse.lifecycle.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleLog;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.awt.desktop.AppForegroundListener;
import java.awt.desktop.AppHiddenListener;
import java.awt.desktop.ScreenSleepListener;
import java.awt.desktop.SystemEventListener;
import java.awt.desktop.SystemSleepListener;
import java.awt.desktop.UserSessionEvent;
import java.awt.desktop.UserSessionListener;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The events of a desktop, played; their objects can't be made without a screen. */
class DesktopLifecycleTest {
  private final List<SystemEventListener> listeners = new ArrayList<>();

  private AppLifecycle follow(
      Desktop.Action action, Function<ManualAppLifecycle, SystemEventListener> listener) {
    return DesktopLifecycle.follow(asked -> asked == action, listeners::add, action, listener);
  }

  /** Plays an absence and the return from it. */
  private void comesAndGoes(
      Desktop.Action action,
      Function<ManualAppLifecycle, SystemEventListener> listener,
      Runnable leaves,
      Runnable returns) {
    AppLifecycle lifecycle = follow(action, listener);
    LifecycleLog log = LifecycleLog.on(lifecycle);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    leaves.run();
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    leaves.run();
    returns.run();
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(log.events()).containsExactly("background", "foreground");
  }

  private <L extends SystemEventListener> L only(Class<L> type) {
    assertThat(listeners).hasSize(1);
    return type.cast(listeners.get(0));
  }

  @Test
  void theSystemSleeps() {
    comesAndGoes(
        Desktop.Action.APP_EVENT_SYSTEM_SLEEP,
        DesktopLifecycle.SystemSleep::new,
        () -> only(SystemSleepListener.class).systemAboutToSleep(null),
        () -> only(SystemSleepListener.class).systemAwoke(null));
  }

  @Test
  void theScreenSleeps() {
    comesAndGoes(
        Desktop.Action.APP_EVENT_SCREEN_SLEEP,
        DesktopLifecycle.ScreenSleep::new,
        () -> only(ScreenSleepListener.class).screenAboutToSleep(null),
        () -> only(ScreenSleepListener.class).screenAwoke(null));
  }

  @Test
  void anotherUserHasTheScreen() throws Exception {
    UserSessionEvent event = eventWithoutAScreen(UserSessionEvent.class);
    comesAndGoes(
        Desktop.Action.APP_EVENT_USER_SESSION,
        DesktopLifecycle.UserSession::new,
        () -> only(UserSessionListener.class).userSessionDeactivated(event),
        () -> only(UserSessionListener.class).userSessionActivated(event));
  }

  /** The constructors of events ask for the desktop. */
  private static <E> E eventWithoutAScreen(Class<E> type) throws Exception {
    Class<?> factory = Class.forName("sun.reflect.ReflectionFactory");
    Constructor<?> constructor =
        (Constructor<?>)
            factory
                .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(
                    factory.getMethod("getReflectionFactory").invoke(null),
                    type,
                    Object.class.getConstructor());
    return type.cast(constructor.newInstance());
  }

  @Test
  void aSessionThatIsLockedStaysSoWhoeverHasTheScreenMeanwhile() {
    AppLifecycle lifecycle =
        follow(Desktop.Action.APP_EVENT_USER_SESSION, DesktopLifecycle.UserSession::new);
    LifecycleLog log = LifecycleLog.on(lifecycle);
    DesktopLifecycle.UserSession session = only(DesktopLifecycle.UserSession.class);
    session.change(UserSessionEvent.Reason.LOCK, true);
    session.change(UserSessionEvent.Reason.CONSOLE, true);
    session.change(UserSessionEvent.Reason.REMOTE, false); // its user is back, from afar
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    session.change(UserSessionEvent.Reason.LOCK, false);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    session.change(UserSessionEvent.Reason.REMOTE, true);
    session.change(UserSessionEvent.Reason.LOCK, true);
    session.change(UserSessionEvent.Reason.LOCK, false);
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
    session.change(UserSessionEvent.Reason.CONSOLE, false);
    assertThat(log.events())
        .containsExactly("background", "foreground", "background", "foreground");
  }

  @Test
  void anotherAppIsInFront() {
    comesAndGoes(
        Desktop.Action.APP_EVENT_FOREGROUND,
        DesktopLifecycle.Focus::new,
        () -> only(AppForegroundListener.class).appMovedToBackground(null),
        () -> only(AppForegroundListener.class).appRaisedToForeground(null));
  }

  @Test
  void theAppIsHidden() {
    comesAndGoes(
        Desktop.Action.APP_EVENT_HIDDEN,
        DesktopLifecycle.Hiding::new,
        () -> only(AppHiddenListener.class).appHidden(null),
        () -> only(AppHiddenListener.class).appUnhidden(null));
  }

  @Test
  void whatThePlatformDoesNotTellIsAlwaysForeground() {
    AppLifecycle lifecycle =
        DesktopLifecycle.follow(
            action -> false,
            listeners::add,
            Desktop.Action.APP_EVENT_SYSTEM_SLEEP,
            DesktopLifecycle.SystemSleep::new);
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(listeners).isEmpty();
  }

  @Test
  void withoutAScreenNobodyTellsAnythingAndNothingIsAskedFor() {
    Assumptions.assumeTrue(GraphicsEnvironment.isHeadless());
    List<AppLifecycle> all =
        List.of(
            DesktopLifecycle.systemAwake(),
            DesktopLifecycle.screenOn(),
            DesktopLifecycle.userSessionActive(),
            DesktopLifecycle.inFront(),
            DesktopLifecycle.visible());
    assertThat(all).allSatisfy(each -> assertThat(each.state()).isEqualTo(AppState.FOREGROUND));
  }
}
