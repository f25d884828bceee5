package io.dormouse.lifecycle;

import java.util.List;

/** {@link AppLifecycle#state()} and {@link AppLifecycle#isSettling()} as one value. */
enum Phase {
  UNKNOWN(AppState.UNKNOWN),
  FOREGROUND(AppState.FOREGROUND),
  SETTLING(AppState.FOREGROUND),
  BACKGROUND(AppState.BACKGROUND),
  TERMINATED(AppState.TERMINATED);

  private static final List<Phase> FURTHEST =
      List.of(TERMINATED, BACKGROUND, UNKNOWN, SETTLING, FOREGROUND);
  private static final List<Phase> NEAREST =
      List.of(FOREGROUND, SETTLING, BACKGROUND, UNKNOWN, TERMINATED);

  final AppState state;

  Phase(AppState state) {
    this.state = state;
  }

  static Phase of(AppLifecycle lifecycle) {
    return switch (lifecycle.state()) {
      case UNKNOWN -> UNKNOWN;
      case FOREGROUND -> lifecycle.isSettling() ? SETTLING : FOREGROUND;
      case BACKGROUND -> BACKGROUND;
      case TERMINATED -> TERMINATED;
    };
  }

  /** The phase of a lifecycle that needs two members in front: of the one furthest from it. */
  static Phase ofAll(Phase a, Phase b) {
    return FURTHEST.indexOf(a) < FURTHEST.indexOf(b) ? a : b;
  }

  /** The phase of a lifecycle that needs one of two members in front: of the one nearest to it. */
  static Phase ofAny(Phase a, Phase b) {
    return NEAREST.indexOf(a) < NEAREST.indexOf(b) ? a : b;
  }
}
