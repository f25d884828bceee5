package io.dormouse.callbacks;

import java.util.concurrent.TimeUnit;

/**
 * How many pieces of work may run at once. It follows what the pieces do:
 *
 * <ul>
 *   <li><b>Few</b> at first: two threads are enough for callbacks that don't block, whatever the
 *       number of connections.
 *   <li><b>Twice as many</b> each time it grows, which is when the oldest piece has waited for
 *       {@value #SLOW_MILLIS} ms while pieces took long, or none ended. If pieces are quick but
 *       many, more threads would not help.
 *   <li><b>One more than run</b> when a piece ends and nothing waits. So while a hundred are
 *       blocked, the next piece has a thread at once.
 *   <li><b>Never more</b> than {@value #MOST}.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class WorkLimit {
  static final int MOST = 512;
  static final long SLOW_MILLIS = 4;

  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS);
  private static final long NEXT_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A piece that takes this long on average is no quick one: a turn of a connection is half. */
  private static final long LONG_PIECE_NANOS = 2 * SerialExecutor.TURN_NANOS;

  private final int fewest;
  private int limit;

  // Since the last look.
  private long ended;
  private long endedNanos;

  WorkLimit(int fewest) {
    this.fewest = fewest;
    this.limit = fewest;
  }

  /** Returns whether another piece may run beside so many. */
  boolean allowsBeside(int running) {
    return running < limit;
  }

  /** A piece has ended that took so long. */
  void ended(long nanos) {
    ended++;
    endedNanos += nanos;
  }

  /** So many run, and nothing waits. */
  void nothingWaits(int running) {
    limit = Math.min(MOST, Math.max(fewest, running + 1));
  }

  /** From now on nobody looks any more. */
  void unlimited() {
    limit = MOST;
  }

  /** Somebody begins to look, every time after as long as these methods say. */
  long firstLook() {
    forget();
    return SLOW_NANOS;
  }

  /**
   * Grows if that helps what waits.
   *
   * @param running so many run
   * @param waitedNanos so long the oldest of the others has waited
   * @return nanoseconds until the next look
   */
  long look(int running, long waitedNanos) {
    boolean grows = waitedNanos >= SLOW_NANOS && endedNanos >= ended * LONG_PIECE_NANOS;
    if (grows) {
      // It never falls here: threads that have room may be slow to come on a busy machine.
      limit = Math.min(MOST, Math.max(limit, 2 * running));
    }
    forget();
    if (grows) {
      return NEXT_STEP_NANOS;
    }
    return waitedNanos < SLOW_NANOS ? SLOW_NANOS - waitedNanos : SLOW_NANOS;
  }

  private void forget() {
    ended = 0;
    endedNanos = 0;
  }
}
