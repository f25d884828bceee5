package io.dormouse.callbacks;

import java.util.concurrent.TimeUnit;

/**
 * How many pieces of work may run at once. It follows what the pieces do, and how patient it is:
 *
 * <ul>
 *   <li><b>Few</b> at first: two threads are enough for callbacks that don't block, whatever the
 *       number of connections.
 *   <li><b>Twice as many</b> each time it grows, which is when the oldest piece has waited for as
 *       long as it is patient, while pieces took long, or none ended. If pieces are quick but many,
 *       more threads would not help.
 *   <li><b>One more than run</b> when a piece ends and nothing waits. So while a hundred are
 *       blocked, the next piece has a thread at once.
 *   <li><b>Never more</b> than {@value #MOST}.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class WorkLimit {
  static final int MOST = 512;

  /** For callbacks: a piece that takes an eighth is no quick one, as a turn of one is half that. */
  static final long SHORT_PATIENCE_NANOS = 16 * SerialExecutor.TURN_NANOS;

  /**
   * For work that computes: as long as pieces end, more threads than processors make none quicker.
   * So it grows only when what holds the threads up can't be arithmetic.
   */
  static final long LONG_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final int fewest;
  private final long patienceNanos;
  private int limit;

  // Since the last look.
  private long ended;
  private long endedNanos;

  WorkLimit(int fewest, long patienceNanos) {
    this.fewest = fewest;
    this.patienceNanos = patienceNanos;
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
    return patienceNanos;
  }

  /**
   * Grows if that helps what waits.
   *
   * @param running so many run
   * @param waitedNanos so long the oldest of the others has waited
   * @return nanoseconds until the next look
   */
  long look(int running, long waitedNanos) {
    boolean grows = waitedNanos >= patienceNanos && endedNanos >= ended * (patienceNanos / 8);
    if (grows) {
      // It never falls here: threads that have room may be slow to come on a busy machine.
      limit = Math.min(MOST, Math.max(limit, 2 * running));
    }
    forget();
    if (grows) {
      return patienceNanos / 4;
    }
    return waitedNanos < patienceNanos ? patienceNanos - waitedNanos : patienceNanos;
  }

  private void forget() {
    ended = 0;
    endedNanos = 0;
  }
}
