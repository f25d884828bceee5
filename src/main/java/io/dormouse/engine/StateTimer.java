package io.dormouse.engine;

import io.dormouse.loop.Loop;
import org.jspecify.annotations.Nullable;

/** The one timer of one connection: it limits the time in the state of now. Loop only. */
final class StateTimer {
  private final Loop loop;
  private final LinkOptions options;
  private final Runnable reached;
  private Loop.@Nullable Timer timer;

  /**
   * Creates one that does not run.
   *
   * @param reached is called when the time in a state is over
   */
  StateTimer(Loop loop, LinkOptions options, Runnable reached) {
    this.loop = loop;
    this.options = options;
    this.reached = reached;
  }

  /** Returns whether two states have different limits, so that it must be set on the way. */
  static boolean differs(LinkState from, LinkState to) {
    return from.limit() != to.limit() || deadline(from) != deadline(to);
  }

  /** Limits the time in this state from now on, and no longer that in the state before. */
  void set(LinkState state) {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (state.limit() != LinkState.Limit.NONE) {
      timer = loop.schedule(nanosTo(state), reached);
    }
  }

  /** When the budget of one that is leaving ends; any number, the same for all, of the others. */
  private static long deadline(LinkState state) {
    if (state instanceof LinkState.Flushing flushing) {
      return flushing.deadlineNanos();
    } else if (state instanceof LinkState.Closing closing) {
      return closing.deadlineNanos();
    }
    return 0;
  }

  private long nanosTo(LinkState state) {
    if (state instanceof LinkState.Waiting waiting) {
      return waiting.delayNanos();
    } else if (state.limit() == LinkState.Limit.BUDGET) {
      return deadline(state) - loop.nanoTime();
    }
    return state.limit() == LinkState.Limit.PREPARE
        ? options.prepareTimeout().toNanos()
        : options.connectTimeout().toNanos();
  }
}
