package io.dormouse.testing;

import io.dormouse.loop.Loop;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the selector of one socket: as long as it is ready for what is wanted, its handler is
 * called once in each iteration of the loop.
 */
final class Readiness {
  private final IntSupplier ready;
  private @Nullable Loop loop;
  private Loop.Handler handler = ops -> {};
  private int interest;
  private boolean called; // or about to be

  /**
   * Creates one that nobody watches.
   *
   * @param ready what the socket is ready for now; 0 if it is closed
   */
  Readiness(IntSupplier ready) {
    this.ready = ready;
  }

  Loop.Registration watch(Loop newLoop, int ops, Loop.Handler newHandler) {
    newLoop.checkInLoop();
    loop = newLoop;
    handler = newHandler;
    interest = ops;
    changed();
    return newOps -> {
      interest = newOps;
      changed();
    };
  }

  /** It may be ready for more now. Any thread. */
  void changed() {
    if (loop != null && !called && (ready.getAsInt() & interest) != 0) {
      called = true;
      try {
        loop.execute(this::call);
      } catch (RejectedExecutionException e) {
        called = false; // the loop has ended
      }
    }
  }

  private void call() {
    called = false;
    int now = ready.getAsInt() & interest;
    if (now != 0) {
      try {
        handler.ready(now);
      } finally {
        changed();
      }
    }
  }
}
