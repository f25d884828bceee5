package io.dormouse.loop;

import java.util.concurrent.Executor;

/**
 * What a loop's thread does besides: it runs work that is not the loop's own, such as an app's
 * callback, between two iterations, which spares a change of thread.
 *
 * <ul>
 *   <li>Such work is <b>not on the loop</b>, and may do what any thread may.
 *   <li>Work that takes long <b>holds the loop up for some milliseconds</b> at most: the loop goes
 *       on without that thread.
 *   <li>All of it that one iteration hands in has <b>a millisecond or so</b>; the rest runs
 *       elsewhere.
 *   <li>Some may run elsewhere for other reasons, so <b>no order</b> is promised.
 *   <li>What it throws is logged, and an interrupt that it leaves behind is cleared.
 * </ul>
 */
@FunctionalInterface
public interface InlineRuns {
  /** Runs nothing inline. */
  InlineRuns NEVER = (work, otherwise) -> otherwise.execute(work);

  /**
   * Runs work inline after this iteration, or has it run elsewhere. Loop only.
   *
   * @param otherwise runs it elsewhere; it may be asked at once
   * @throws IllegalStateException if called from elsewhere
   */
  void runInline(Runnable work, Executor otherwise);
}
