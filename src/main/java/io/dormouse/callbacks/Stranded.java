package io.dormouse.callbacks;

import io.dormouse.loop.Loop;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Those whose turn nobody has taken, since there was no thread or no memory for it: the loop offers
 * it again. A list whose links are the executors themselves, so that it needs no memory.
 */
final class Stranded {
  private final AtomicReference<@Nullable SerialExecutor> latest = new AtomicReference<>();
  private final Loop.Signal offer;

  Stranded(Loop loop) {
    offer = loop.signal(this::offerAgain);
  }

  /** Has the loop offer the turn of this one, which is not here yet. Any thread. */
  void add(SerialExecutor executor) {
    do {
      executor.nextStranded = latest.get();
    } while (!latest.compareAndSet(executor.nextStranded, executor));
    offer.raise();
  }

  private void offerAgain() {
    SerialExecutor next = latest.getAndSet(null);
    boolean taken = true;
    while (next != null) {
      SerialExecutor after = next.nextStranded;
      next.nextStranded = null;
      if (!next.offerTurn()) {
        add(next);
        taken = false;
      }
      next = after;
    }
    if (!taken) {
      throw new OutOfMemoryError("no thread for callbacks"); // they are offered again
    }
  }
}
