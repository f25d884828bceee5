package io.dormouse.lifecycle;

/** Where the app is, as its platform tells. */
public enum AppState {
  /** The platform has not told yet. Counts as {@link #BACKGROUND}. */
  UNKNOWN,

  /** The app is in front: somebody looks at it. */
  FOREGROUND,

  /** The app is not in front, and the system may suspend it. */
  BACKGROUND,

  /** The app is ending. No other state follows. */
  TERMINATED
}
