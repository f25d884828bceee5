package io.dormouse.lifecycle;

/**
 * Hears of changes of an {@link AppLifecycle}. Calls come in order and one at a time, on the thread
 * that caused the change; a listener returns quickly and does no I/O.
 */
public interface LifecycleListener {
  /**
   * The app came to the front, or came back before a {@linkplain AppLifecycle#isSettling()
   * settling} background took effect.
   */
  void onForeground();

  /** The app went to the background. */
  void onBackground();

  /**
   * The app left the front, but {@link AppLifecycle#settled} holds the background back. Either
   * {@link #onBackground()}, {@link #onForeground()} or {@link #onTerminate()} follows. What must
   * be done before the system suspends the app has its time counted from here, unless {@link
   * #onBackground()} comes so late that the system must have given the time: {@link
   * AppLifecycle#settled} says when.
   */
  default void onSettling() {}

  /** The app is ending. Nothing follows. */
  default void onTerminate() {}
}
