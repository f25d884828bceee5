package io.dormouse.lifecycle;

import java.util.Collection;

/** {@link AppLifecycle#state()} and {@link AppLifecycle#isSettling()} as one value. */
enum Phase {
  UNKNOWN(AppState.UNKNOWN),
  FOREGROUND(AppState.FOREGROUND),
  SETTLING(AppState.FOREGROUND),
  BACKGROUND(AppState.BACKGROUND),
  TERMINATED(AppState.TERMINATED);

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

  /** The phase of a lifecycle that needs all its members in front: the member furthest from it. */
  static Phase ofAll(Collection<Phase> members) {
    return first(members, TERMINATED, BACKGROUND, UNKNOWN, SETTLING, FOREGROUND);
  }

  /** The phase of a lifecycle that needs one member in front: the member nearest to it. */
  static Phase ofAny(Collection<Phase> members) {
    return first(members, FOREGROUND, SETTLING, BACKGROUND, UNKNOWN, TERMINATED);
  }

  private static Phase first(Collection<Phase> members, Phase... order) {
    for (Phase phase : order) {
      if (members.contains(phase)) {
        return phase;
      }
    }
    throw new IllegalArgumentException("no members");
  }
}
