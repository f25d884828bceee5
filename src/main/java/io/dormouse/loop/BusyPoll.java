package io.dormouse.loop;

import java.util.concurrent.TimeUnit;

/**
 * Whether the loop spins for a while before it sleeps. To be woken takes some tens of microseconds,
 * which is most of a round trip to a peer that is near. Spinning costs power, so it is done only
 * after a wait that was short, and the less often the more spins in a row were without result. Loop
 * only.
 *
 * <p>What it is worth, as a ratio to the bare channel in the same two runs of the benchmark: {@code
 * tcp.echo.64B.1} 1.62 and 1.32 with it, 1.05 and 1.21 without; {@code tcp.echo.16KiB.1} 1.48 and
 * 1.29, 0.87 and 0.83 without; {@code ws.echo.64B.1} 1.75 and 1.47, 1.09 and 0.97 without. With 100
 * connections there is always something to do, and it makes no difference.
 */
final class BusyPoll {
  /**
   * The longest spin. Linux recommends as much for its own, <a
   * href="https://docs.kernel.org/admin-guide/sysctl/net.html#busy-poll">net.core.busy_poll</a>.
   */
  static final long NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** A spin would most likely have spared a sleep this short, being woken included. */
  private static final long SHORT_SLEEP_NANOS = 2 * NANOS;

  /** At most so many waits go without a spin after one without result. */
  private static final int MOST_WITHOUT = 128;

  private final boolean possible;
  private boolean lastWasShort;
  private int without;
  private int withoutNext = 1;

  /**
   * Creates one that has seen no wait yet.
   *
   * @param processors how many there are: the only one is better left to whoever is waited for
   */
  BusyPoll(int processors) {
    possible = processors > 1;
  }

  /** Returns whether this wait should begin with a spin. Asked once for each wait. */
  boolean isWorthwhile() {
    if (!possible || !lastWasShort) {
      return false;
    } else if (without > 0) {
      without--;
      return false;
    }
    return true;
  }

  /** A spin has found something. */
  void found() {
    withoutNext = 1;
  }

  /** A spin was without result. */
  void foundNothing() {
    without = withoutNext;
    withoutNext = Math.min(MOST_WITHOUT, 2 * withoutNext);
  }

  /** The loop has slept, after a spin or without one. */
  void slept(long nanos) {
    lastWasShort = nanos < SHORT_SLEEP_NANOS;
  }
}
