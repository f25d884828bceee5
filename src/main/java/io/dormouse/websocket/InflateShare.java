package io.dormouse.websocket;

import io.dormouse.loop.Loop;

/**
 * How much is inflated in one iteration of the loop, by all connections together: 64 KiB, which
 * takes a fifth of a millisecond. When it is used up, each gets a little all the same, so that all
 * get on.
 */
final class InflateShare {
  static final int MOST = 64 * 1024;

  private static final int LEAST = 1024;

  private static final ThreadLocal<InflateShare> OF_THREAD =
      ThreadLocal.withInitial(InflateShare::new);

  private final Runnable renewing = this::renew;
  private int left = MOST;
  private boolean due; // to be renewed at the end of this iteration

  private InflateShare() {}

  /** Returns that of the loop that runs on this thread. */
  static InflateShare ofThisThread() {
    return OF_THREAD.get();
  }

  /** Returns how much may be inflated now. */
  int left() {
    return Math.max(LEAST, left);
  }

  /** So much was inflated in this iteration. */
  void used(int bytes, Loop loop) {
    left -= bytes;
    if (!due) {
      loop.atIterationEnd(renewing); // throws if there is no memory for it
      due = true;
    }
  }

  private void renew() {
    due = false;
    left = MOST;
  }
}
